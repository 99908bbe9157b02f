namespace FjBellows.Sandbox.Forge;

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
