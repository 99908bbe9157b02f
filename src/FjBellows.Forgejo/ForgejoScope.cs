namespace FjBellows.Forgejo;

/// <summary>Whose runners and jobs are meant: the whole instance, the token's user, an organisation, or a repository.</summary>
public sealed record ForgejoScope
{
    private const string Forms = "write 'admin', 'user', 'orgs/<organisation>' or 'repos/<owner>/<repository>'";

    private ForgejoScope(ForgejoScopeKind kind, string? owner = null, string? repository = null)
    {
        Kind = kind;
        Owner = owner;
        Repository = repository;
    }

    /// <summary>What sort of scope.</summary>
    public ForgejoScopeKind Kind { get; }

    /// <summary>The organisation, or the repository's owner; null for the other kinds.</summary>
    public string? Owner { get; }

    /// <summary>The repository's name; null for the other kinds.</summary>
    public string? Repository { get; }

    /// <summary>The token permission that reading needs, such as <c>read:organization</c>.</summary>
    public string ReadPermission => $"read:{Category}";

    /// <summary>The token permission that registering and deleting runners needs, such as <c>write:organization</c>. It includes
    /// reading.</summary>
    public string WritePermission => $"write:{Category}";

    /// <summary>What the token's account must be for the scope, as a phrase.</summary>
    public string AccountRole => Kind switch
    {
        ForgejoScopeKind.Admin => "a site administrator",
        ForgejoScopeKind.Organization => $"an owner of the organisation {Owner}",
        ForgejoScopeKind.Repository => $"the owner of the repository {Owner}/{Repository} (a collaborator with admin rights is not enough)",
        _ => "the user whose runners these are",
    };

    /// <summary>The path below <c>/api/v1</c> under which the scope's runners live, one element a segment, not yet encoded.</summary>
    internal IReadOnlyList<string> RunnerPath => Kind switch
    {
        ForgejoScopeKind.Admin => ["admin", "actions", "runners"],
        ForgejoScopeKind.User => ["user", "actions", "runners"],
        ForgejoScopeKind.Organization => ["orgs", Owner!, "actions", "runners"],
        _ => ["repos", Owner!, Repository!, "actions", "runners"],
    };

    private string Category => Kind switch
    {
        ForgejoScopeKind.Admin => "admin",
        ForgejoScopeKind.User => "user",
        ForgejoScopeKind.Organization => "organization",
        _ => "repository",
    };

    /// <summary>Reads a scope as it is configured.</summary>
    /// <param name="text"><c>admin</c>, <c>user</c>, <c>orgs/acme</c> or <c>repos/acme/shop</c>; a slash at either end is forgiven.</param>
    /// <exception cref="FormatException">It is none of these; the message says what to write.</exception>
    public static ForgejoScope Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim('/').Split('/');
        return parts switch
        {
            [""] => throw new FormatException($"the scope is empty; {Forms}"),
            ["admin"] => new ForgejoScope(ForgejoScopeKind.Admin),
            ["user"] => new ForgejoScope(ForgejoScopeKind.User),
            ["orgs", var owner] => new ForgejoScope(ForgejoScopeKind.Organization, Name(owner)),
            ["repos", var owner, var repository] => new ForgejoScope(ForgejoScopeKind.Repository, Name(owner), Name(repository)),
            ["org" or "organization" or "organisation" or "organizations", var owner] =>
                throw new FormatException($"scope '{text}' is unknown; did you mean 'orgs/{owner}'?"),
            ["repo" or "repository" or "repositories", var owner, var repository] =>
                throw new FormatException($"scope '{text}' is unknown; did you mean 'repos/{owner}/{repository}'?"),
            ["repos" or "repo", _] => throw new FormatException($"scope '{text}' names no repository; write 'repos/<owner>/<repository>'"),
            ["user" or "users", _] =>
                throw new FormatException($"scope '{text}' is unknown; 'user' is always the token's own user and takes no name"),
            ["admin", ..] => throw new FormatException($"scope '{text}' is unknown; 'admin' takes nothing after it"),
            [var owner, var repository] =>
                throw new FormatException($"scope '{text}' is unknown; did you mean 'repos/{owner}/{repository}'?"),
            _ => throw new FormatException($"scope '{text}' is unknown; {Forms}"),
        };

        string Name(string part) => IsName(part)
            ? part
            : throw new FormatException(
                $"scope '{text}': '{part}' cannot be a name in Forgejo; names hold letters, digits, '-', '_' and '.'");
    }

    /// <summary>The scope as it is configured.</summary>
    public override string ToString() => Kind switch
    {
        ForgejoScopeKind.Admin => "admin",
        ForgejoScopeKind.User => "user",
        ForgejoScopeKind.Organization => $"orgs/{Owner}",
        _ => $"repos/{Owner}/{Repository}",
    };

    private static bool IsName(string part) =>
        part is not ("" or "." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

/// <summary>The sorts of scope.</summary>
public enum ForgejoScopeKind
{
    /// <summary>Every repository of the instance.</summary>
    Admin,

    /// <summary>The repositories of the token's user.</summary>
    User,

    /// <summary>The repositories of an organisation.</summary>
    Organization,

    /// <summary>One repository.</summary>
    Repository,
}
