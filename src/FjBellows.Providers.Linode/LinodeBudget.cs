using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>How many requests a token may send. Linode counts by token, so pools that share one share its budget too.</summary>
public sealed class LinodeBudget(TimeProvider time) : IRequestBudget
{
    /// <inheritdoc />
    public IReadOnlyList<RequestsLeft> Left => [Creates.Left, Lists.Left, Others.Left];

    /// <summary>Linode takes 20 creates in 15 s; two are left for people who use the same token.</summary>
    internal RequestBudget Creates { get; } = new("creates", 18, TimeSpan.FromSeconds(15), time);

    /// <summary>Linode takes 200 requests for a page of a collection in a minute.</summary>
    internal RequestBudget Lists { get; } = new("lists", 180, TimeSpan.FromMinutes(1), time);

    /// <summary>Linode takes 1600 other requests in a minute.</summary>
    internal RequestBudget Others { get; } = new("requests", 1500, TimeSpan.FromMinutes(1), time);
}
