namespace FjBellows.Providers;

/// <summary>A provider whose instances leave something behind when they end: disks, addresses, network cards, keys, ended containers
/// (invariant O8).</summary>
public interface ILeftovers
{
    /// <summary>Deletes by-products that carry the ownership's marks and belong to no live instance. What cannot be deleted yet is logged
    /// and found again by the next call, so it does not throw <see cref="CloudException"/>.</summary>
    /// <param name="ownership">Whose by-products.</param>
    /// <param name="liveNames">The names of the instances in the latest complete listing. An instance whose create call is still running
    /// may be missing: the provider leaves alone what is younger than a create call can last.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> SweepAsync(Ownership ownership, IReadOnlyCollection<string> liveNames, CancellationToken cancellationToken);
}
