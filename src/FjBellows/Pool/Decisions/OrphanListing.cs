using FjBellows.Providers;

namespace FjBellows.Pool;

/// <summary>A complete listing, and what it is compared with.</summary>
internal sealed record OrphanListing
{
    /// <summary>What the cloud listed, whoever owns it.</summary>
    public required IReadOnlyList<Instance> Instances { get; init; }

    /// <summary>When the listing was requested.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>The pool's ownership.</summary>
    public required Ownership Ownership { get; init; }

    /// <summary>The owner identities of the deployment's other pools.</summary>
    public required IReadOnlySet<string> Siblings { get; init; }

    /// <summary>True for an instance that is no worker's.</summary>
    public required Func<Instance, bool> IsUnknown { get; init; }

    /// <summary>True for a name that this pool gave to a worker that has ended: a create call may take effect long after it was given
    /// up.</summary>
    public required Func<string, bool> IsOwnName { get; init; }

    /// <summary>When this daemon started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long after the start a create call of this daemon's predecessor may still take effect.</summary>
    public required TimeSpan Predecessor { get; init; }

    /// <summary>How long an unknown instance is left alone.</summary>
    public required TimeSpan Grace { get; init; }
}
