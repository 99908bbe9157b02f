using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>How many requests a token may send. Hetzner counts by project, 3600 in an hour and one more each second; pools that share a
/// token share its budget.</summary>
public sealed class HetznerBudget(TimeProvider time) : IRequestBudget
{
    /// <inheritdoc />
    public IReadOnlyList<RequestsLeft> Left => [Requests.Left];

    /// <summary>A little less than what flows back in a minute: the rest is for people who use the same project.</summary>
    internal RequestBudget Requests { get; } = new("requests", 55, TimeSpan.FromMinutes(1), time);
}
