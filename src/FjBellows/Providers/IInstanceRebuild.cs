namespace FjBellows.Providers;

/// <summary>A provider that can put a clean image onto an instance that exists, so that it serves again inside the time already
/// billed.</summary>
public interface IInstanceRebuild
{
    /// <summary>Rebuilds an instance: same id and name, a clean disk, and the first-boot document of the spec, with a new host key in it.
    /// It returns when the cloud has accepted the request; the instance is then <see cref="InstanceStatus.Starting"/>.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="spec">What it becomes; <see cref="InstanceSpec.Name"/> is the name that it must still carry.</param>
    /// <param name="cancellationToken">Ends the wait, not necessarily the rebuild.</param>
    /// <returns>The instance after the request.</returns>
    /// <exception cref="CloudException">It was refused, or whether it began is not known; the caller deletes the instance then.</exception>
    Task<Instance> RebuildAsync(InstanceId id, InstanceSpec spec, CancellationToken cancellationToken);
}
