using FjBellows.Providers.Rest;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>How many requests a token may send: DigitalOcean takes 250 in a minute and 5000 in an hour. Pools that share a token share its
/// budget.</summary>
public sealed class DropletBudget(TimeProvider time) : IRequestBudget
{
    /// <inheritdoc />
    public IReadOnlyList<RequestsLeft> Left => [Requests.Left];

    /// <summary>Less than 5000 in an hour, spread evenly; the rest is for people who use the same token.</summary>
    internal RequestBudget Requests { get; } = new("requests", 75, TimeSpan.FromMinutes(1), time);
}
