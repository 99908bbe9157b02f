namespace FjBellows.Journal;

/// <summary>Whose a pool's journal is (invariant O6). Recorded when the pool first starts, and compared at every start: workers of another
/// owner, provider or account would be neither found nor deleted.</summary>
/// <param name="Owner">The owner identity that its instances carry.</param>
/// <param name="Tag">The deployment's tag.</param>
/// <param name="Account">A fingerprint of the provider's account; null where the provider cannot tell.</param>
/// <param name="Forgejo">Forgejo's URL.</param>
/// <param name="Scope">The scope in Forgejo.</param>
public sealed record PoolIdentity(string Pool, string Owner, string Tag, string Provider, string? Account, string Forgejo, string Scope)
{
    /// <summary>What of another identity differs in a way that makes workers unreachable, as <c>provider: docker, was linode</c>.</summary>
    /// <param name="recorded">The identity in the journal.</param>
    internal IReadOnlyList<string> DifferencesFrom(PoolIdentity recorded)
    {
        var found = new List<string>();
        Compare("provider", Provider, recorded.Provider);
        if (Account is not null && recorded.Account is not null)
        {
            Compare("account", Account, recorded.Account);
        }

        if (Owner != recorded.Owner)
        {
            var before = found.Count;
            Compare("tag", Tag, recorded.Tag);
            Compare("forgejo.url", Forgejo, recorded.Forgejo);
            Compare("forgejo.scope", Scope, recorded.Scope);
            if (found.Count == before)
            {
                Compare("owner", Owner, recorded.Owner);
            }
        }

        return found;

        void Compare(string name, string now, string then)
        {
            if (now != then)
            {
                found.Add(
                    $"{name} is {OutsideText.Clean(now, OutsideText.NameLimit)}, was {OutsideText.Clean(then, OutsideText.NameLimit)}");
            }
        }
    }
}
