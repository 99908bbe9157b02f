using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>Since when an instance of ours is seen that no journal knows.</summary>
/// <param name="FirstSeen">When the first listing that held it was requested.</param>
/// <param name="Listings">In how many listings.</param>
internal sealed record OrphanSighting(DateTimeOffset FirstSeen, int Listings)
{
    /// <summary>The registration of a runner on it that Forgejo last listed; null while it listed none.</summary>
    public RegisteredRunner? Runner { get; init; }
}
