using FjBellows.Billing;

namespace FjBellows.Providers;

/// <summary>A source of instances. Implementations are stateless towards the pool: they call the cloud, translate its answers, and throw
/// <see cref="CloudException"/> in the library's taxonomy. They never decide.</summary>
public interface ICloudProvider
{
    /// <summary>The provider's name as configuration writes it, such as <c>linode</c>.</summary>
    string Name { get; }

    /// <summary>How the cloud bills an instance.</summary>
    BillingModel Billing { get; }

    /// <summary>What the cloud can carry into an instance at creation.</summary>
    ProviderCapabilities Capabilities { get; }

    /// <summary>What the provider can do beyond create, list, get and delete. A wrapper of a provider passes its parts on.</summary>
    CloudParts Parts => CloudParts.None;

    /// <summary>Creates one instance. <see cref="InstanceSpec.Name"/> is the handle of idempotency: when an instance of that name exists
    /// already, it is returned (if it is ours) or <see cref="CloudErrorKind.Conflict"/> is thrown; a second one is never created.</summary>
    /// <param name="spec">What to create.</param>
    /// <param name="cancellationToken">Ends the wait, not necessarily the create call.</param>
    /// <returns>The instance; its addresses may still be missing.</returns>
    /// <exception cref="CloudException">It was not created, or (<see cref="CloudErrorKind.Transient"/>,
    /// <see cref="CloudErrorKind.Conflict"/>) that is not known.</exception>
    Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken);

    /// <summary>A query: it never changes or deletes anything. Every instance that carries the ownership's tag, in all regions and pages,
    /// whoever's owner identity it carries: the pool tells its own from foreign ones (invariant O1).</summary>
    /// <param name="ownership">Whose instances.</param>
    /// <exception cref="CloudException">A page could not be read; a partial list is never returned.</exception>
    Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken);

    /// <summary>One instance by id; null when the cloud says that it does not exist, or exists only as a deleted record.</summary>
    /// <param name="id">The cloud's id.</param>
    /// <exception cref="CloudException">The cloud could not be asked.</exception>
    Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken);

    /// <summary>Asks for an instance's deletion; one that is gone already is a success. The caller proves the absence by
    /// <see cref="GetAsync"/>. Where ids are reused, the implementation re-reads the name before it deletes.</summary>
    /// <param name="id">The cloud's id.</param>
    /// <param name="name">The name the instance must still carry.</param>
    /// <exception cref="CloudException">The deletion was refused or could not be asked for.</exception>
    Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken);
}

/// <summary>What a cloud can carry into an instance at creation.</summary>
/// <param name="MaxUserDataBytes">The largest user data, in bytes before any encoding; 0 where none is taken.</param>
/// <param name="AcceptsGzip">True when the user data may be gzip-compressed.</param>
public sealed record ProviderCapabilities(int MaxUserDataBytes, bool AcceptsGzip);
