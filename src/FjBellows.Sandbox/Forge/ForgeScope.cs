namespace FjBellows.Sandbox.Forge;

/// <summary>A resolved scope: whose runners and jobs are meant.</summary>
/// <param name="Kind">Which prefix.</param>
/// <param name="OwnerId">The owner, 0 for the instance; for a repository its owner.</param>
/// <param name="RepositoryId">The repository, 0 for wider scopes.</param>
public sealed record ForgeScope(ForgeScopeKind Kind, long OwnerId, long RepositoryId)
{
    /// <summary>The whole instance.</summary>
    public static ForgeScope Admin { get; } = new(ForgeScopeKind.Admin, 0, 0);

    /// <summary>True when the runner row belongs to exactly this scope.</summary>
    internal bool Owns(long ownerId, long repositoryId) => Kind == ForgeScopeKind.Repository
        ? repositoryId == RepositoryId && ownerId == 0
        : ownerId == OwnerId && repositoryId == 0;

    /// <summary>True when the runner row belongs to this scope or a wider one; an administrator sees all.</summary>
    internal bool Sees(long ownerId, long repositoryId) =>
        Kind == ForgeScopeKind.Admin
        || Owns(ownerId, repositoryId)
        || (repositoryId == 0 && (ownerId == 0 || ownerId == OwnerId));
}
