namespace FjBellows.Sandbox.Forge;

/// <summary>A person of the stand-in with one access token.</summary>
/// <param name="User">The account's name.</param>
/// <param name="Token">Its access token.</param>
/// <param name="SiteAdmin">True for an administrator of the instance.</param>
/// <param name="Scopes">Token scopes such as <c>write:admin</c> or <c>read:repository</c>; <c>all</c> grants everything, write includes
/// read.</param>
public sealed record ForgeAccount(string User, Secret Token, bool SiteAdmin, IReadOnlyList<string> Scopes)
{
    /// <summary>True when the token may do what the scope names.</summary>
    /// <param name="write">False to read, true to change.</param>
    /// <param name="category"><c>admin</c>, <c>organization</c>, <c>user</c> or <c>repository</c>.</param>
    internal bool Grants(bool write, string category) =>
        Scopes.Contains("all") || Scopes.Contains("write:" + category) || (!write && Scopes.Contains("read:" + category));
}

/// <summary>The four prefixes under which Forgejo serves runners.</summary>
public enum ForgeScopeKind
{
    /// <summary><c>/admin</c>: the whole instance.</summary>
    Admin,

    /// <summary><c>/user</c>: the account of the token.</summary>
    User,

    /// <summary><c>/orgs/{org}</c>.</summary>
    Organization,

    /// <summary><c>/repos/{owner}/{repo}</c>.</summary>
    Repository,
}

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

/// <summary>Why the stand-in refuses a call, as Connect codes; REST turns them into its own status codes.</summary>
public enum ForgeRefusal
{
    /// <summary>No or unknown credentials: 401.</summary>
    Unauthenticated,

    /// <summary>Known, but not allowed: 403.</summary>
    Forbidden,

    /// <summary>Not there, or not visible: 404.</summary>
    NotFound,

    /// <summary>A parameter that means nothing: 400.</summary>
    BadRequest,

    /// <summary>The request makes no sense: 400, or 422 over REST.</summary>
    Invalid,

    /// <summary>The log is closed already: 409.</summary>
    AlreadyExists,

    /// <summary>What Forgejo answers with 500.</summary>
    Internal,
}

/// <summary>A refused call.</summary>
/// <param name="message">Forgejo's own words.</param>
public sealed class ForgeRefusedException(ForgeRefusal reason, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ForgeRefusal Reason { get; } = reason;
}
