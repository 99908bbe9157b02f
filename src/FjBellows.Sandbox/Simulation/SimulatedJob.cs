namespace FjBellows.Sandbox.Simulation;

/// <summary>A job of a history to be simulated.</summary>
/// <param name="At">When it comes to wait.</param>
/// <param name="Takes">How long its process runs.</param>
/// <param name="Repository">Its repository, by whatever name.</param>
/// <param name="Name">Its name in the workflow: by repository and name its length is learned.</param>
/// <param name="Labels">The labels it asks for, bare names; at least one.</param>
public sealed record SimulatedJob(DateTimeOffset At, TimeSpan Takes, string Repository, string Name, IReadOnlyList<string> Labels);
