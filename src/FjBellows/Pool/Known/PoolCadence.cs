namespace FjBellows.Pool;

/// <summary>Which sources are observed more often than usual.</summary>
/// <param name="Jobs">The queue.</param>
/// <param name="Runners">The registrations.</param>
internal readonly record struct PoolCadence(bool Jobs, bool Runners, bool Instances);
