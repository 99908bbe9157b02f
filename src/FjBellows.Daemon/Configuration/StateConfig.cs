namespace FjBellows.Daemon.Configuration;

/// <summary>Where the journal is.</summary>
/// <param name="Directory">The state directory, null for the default.</param>
/// <param name="Connection">A PostgreSQL connection string, null for a file.</param>
internal sealed record StateConfig(string? Directory, Secret? Connection);
