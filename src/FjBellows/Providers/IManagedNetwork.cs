namespace FjBellows.Providers;

/// <summary>What a provider keeps around its workers beside the instances themselves: a firewall, a placement group, a private network.
/// A provider that keeps such things implements this beside <see cref="ICloudProvider"/>; one that does not is used as it is.</summary>
public interface IManagedNetwork
{
    /// <summary>How often <see cref="EnsureAsync"/> wants to be repeated while the pool lives, because what it writes follows something
    /// that moves (the host's own address); null when once is enough.</summary>
    TimeSpan? RefreshInterval { get; }

    /// <summary>Makes what is missing and brings what exists up to date. Called at start, so that a missing permission is seen then and not
    /// at the first job, and again every <see cref="RefreshInterval"/>. Idempotent; at most one run is in flight, later callers wait for
    /// it. <see cref="ICloudProvider.CreateAsync"/> does it by itself for what has gone missing since.</summary>
    /// <param name="ownership">Whose network.</param>
    /// <exception cref="CloudException">It could not be made; what existed before is unchanged.</exception>
    Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken);

    /// <summary>Removes what <see cref="EnsureAsync"/> made, if no instance uses it and none is being created. Called when the last worker
    /// is gone.</summary>
    /// <param name="ownership">Whose network.</param>
    /// <returns>True when nothing of ours is left; false when something is still in use and the call is to be repeated later.</returns>
    /// <exception cref="CloudException">The cloud could not be asked, or refused.</exception>
    Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken);
}
