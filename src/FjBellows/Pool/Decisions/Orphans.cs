using System.Collections.Immutable;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>What the cloud lists and no worker claims (invariants O1, O2, O5, O7). Pure: <see cref="Observe"/> takes a listing and says
/// what to do.</summary>
internal sealed record Orphans
{
    /// <summary>How long after an instance of another daemon was seen no unknown instance is deleted.</summary>
    public static readonly TimeSpan OtherDaemonFor = TimeSpan.FromHours(1);

    private Orphans()
    {
    }

    /// <summary>Nothing was listed yet.</summary>
    public static Orphans None { get; } = new();

    /// <summary>Instances of ours that no journal knows.</summary>
    public ImmutableDictionary<InstanceId, OrphanSighting> Unknown { get; private init; } =
        ImmutableDictionary<InstanceId, OrphanSighting>.Empty;

    /// <summary>Instances with our tag and an unknown owner.</summary>
    public ImmutableHashSet<InstanceId> Foreign { get; private init; } = [];

    /// <summary>Instances of ours that another daemon created.</summary>
    public ImmutableHashSet<InstanceId> OfOtherDaemon { get; private init; } = [];

    /// <summary>When an instance of another daemon was last listed.</summary>
    public DateTimeOffset? OtherDaemonSeenAt { get; private init; }

    /// <summary>Takes a complete listing.</summary>
    /// <param name="listing">The listing and what is known beside it.</param>
    public (Orphans Next, OrphanActions Actions) Observe(OrphanListing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        var ours = listing.Ownership;
        var foreign = listing.Instances.Where(i => ours.IsForeign(i) && !i.Tags.Any(listing.Siblings.Contains)).ToImmutableArray();
        var unknown = listing.Instances.Where(i => ours.Owns(i) && listing.IsUnknown(i)).ToImmutableArray();
        var others = unknown.Where(i => i.CreatedAt > listing.StartedAt + listing.Predecessor && !listing.IsOwnName(i.Name))
            .ToImmutableArray();
        var seenAt = others.Length > 0 ? listing.RequestedAt : OtherDaemonSeenAt;
        var otherDaemon = seenAt is { } at && listing.RequestedAt - at < OtherDaemonFor;

        var sightings = ImmutableDictionary.CreateBuilder<InstanceId, OrphanSighting>();
        var (firstSeen, due) = (ImmutableArray.CreateBuilder<Instance>(), ImmutableArray.CreateBuilder<(Instance, OrphanSighting)>());
        foreach (var instance in unknown.Except(others))
        {
            var known = Unknown.TryGetValue(instance.Id, out var before);
            var sighting = known ? before! with { Listings = before.Listings + 1 } : new OrphanSighting(listing.RequestedAt, 1);
            sightings[instance.Id] = sighting;
            if (!known)
            {
                firstSeen.Add(instance);
            }
            else if (!otherDaemon && sighting.Listings >= 2 && listing.RequestedAt - sighting.FirstSeen >= listing.Grace)
            {
                due.Add((instance, sighting));
            }
        }

        var next = new Orphans
        {
            Unknown = sightings.ToImmutable(),
            Foreign = [.. foreign.Select(i => i.Id)],
            OfOtherDaemon = [.. others.Select(i => i.Id)],
            OtherDaemonSeenAt = seenAt,
        };
        return (next, new OrphanActions(
            firstSeen.ToImmutable(),
            due.ToImmutable(),
            [.. foreign.Where(i => !Foreign.Contains(i.Id))],
            [.. others.Where(i => !OfOtherDaemon.Contains(i.Id))]));
    }

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public Orphans Moved(TimeSpan by) => this with
    {
        Unknown = Unknown.ToImmutableDictionary(u => u.Key, u => u.Value with { FirstSeen = u.Value.FirstSeen.Moved(by) }),
        OtherDaemonSeenAt = OtherDaemonSeenAt.Moved(by),
    };

    /// <summary>The state once Forgejo listed the registration of a runner on an orphan: it tells whether the job goes on.</summary>
    /// <param name="id">The orphan's instance.</param>
    /// <param name="runner">The registration.</param>
    public Orphans With(InstanceId id, RegisteredRunner runner) =>
        Unknown.TryGetValue(id, out var sighting) ? this with { Unknown = Unknown.SetItem(id, sighting with { Runner = runner }) } : this;

    /// <summary>The state once an orphan is a worker's.</summary>
    /// <param name="id">Its instance.</param>
    public Orphans Without(InstanceId id) => this with { Unknown = Unknown.Remove(id) };
}
