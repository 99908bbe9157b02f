namespace FjBellows.Daemon.Configuration;

/// <summary>How workers are prepared.</summary>
/// <param name="Packages">Distribution packages to install.</param>
/// <param name="Run">Shell commands to run.</param>
/// <param name="PreparedImage">True when nothing is installed.</param>
/// <param name="SingleUse">True when each worker runs one job only.</param>
internal sealed record WorkerConfig(IReadOnlyList<string> Packages, IReadOnlyList<string> Run, bool PreparedImage, bool SingleUse);
