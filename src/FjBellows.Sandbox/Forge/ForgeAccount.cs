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
