namespace FjBellows.Sandbox.Forge;

/// <summary>A runner row of the stand-in.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">What the runner names itself by.</param>
/// <param name="OwnerId">The owner whose jobs it may run; 0 for all.</param>
/// <param name="RepositoryId">The only repository whose jobs it may run; 0 for all.</param>
/// <param name="Name">Its name; not unique.</param>
/// <param name="Status"><c>offline</c>, <c>idle</c> or <c>active</c>.</param>
/// <param name="Version">What Declare said; empty before.</param>
/// <param name="Labels">What Declare said; null before.</param>
/// <param name="Description">A sentence given at registration.</param>
/// <param name="Ephemeral">True when it may run one task only.</param>
public sealed record ForgeRunner(
    long Id,
    string Uuid,
    long OwnerId,
    long RepositoryId,
    string Name,
    string Status,
    string Version,
    IReadOnlyList<string>? Labels,
    string Description,
    bool Ephemeral);
