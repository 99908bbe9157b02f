namespace FjBellows.Jobs;

/// <summary>A registration as Forgejo lists it.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">The runner's uuid.</param>
/// <param name="Name">The runner's name.</param>
/// <param name="Status">What Forgejo last heard of it.</param>
/// <param name="Ephemeral">True when it may run one task only.</param>
public sealed record RegisteredRunner(long Id, string Uuid, string Name, RunnerStatus Status, bool Ephemeral);
