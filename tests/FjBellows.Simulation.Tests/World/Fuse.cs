namespace FjBellows.Simulation.Tests;

/// <summary>Kills the daemon at a numbered step.</summary>
internal sealed record Fuse(int Left, bool Before, TimeSpan Down);
