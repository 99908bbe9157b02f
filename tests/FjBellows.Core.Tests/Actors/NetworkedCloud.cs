using FjBellows.Billing;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Tests.Actors;

/// <summary>A virtual cloud that keeps something around its workers, as those with firewalls do: a create makes it when it is
/// missing.</summary>
public sealed class NetworkedCloud(VirtualClock clock, VirtualCloud cloud) : ICloudProvider, IManagedNetwork
{
    private int _creating;

    public string Name => cloud.Name;

    public BillingModel Billing => cloud.Billing;

    public ProviderCapabilities Capabilities => cloud.Capabilities;

    public CloudParts Parts => new() { Network = this };

    public TimeSpan? RefreshInterval { get; set; }

    /// <summary>How long a call for the network takes.</summary>
    public TimeSpan Takes { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Asked on every call for the network, by its name (ensure, release).</summary>
    public Func<string, Exception?>? Fails { get; set; }

    /// <summary>True while the cloud still counts a deleted machine as a user of it.</summary>
    public bool StillInUse { get; set; }

    public bool Exists { get; private set; }

    public List<DateTimeOffset> Ensures { get; } = [];

    public List<DateTimeOffset> Releases { get; } = [];

    /// <summary>Removals that were asked for while a machine existed or was being bought.</summary>
    public int Wrong { get; private set; }

    public async Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        Ensures.Add(clock.Now);
        await clock.Delay(Takes, cancellationToken).ConfigureAwait(false);
        if (Fails?.Invoke("ensure") is { } failure)
        {
            throw failure;
        }

        Exists = true;
    }

    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        Releases.Add(clock.Now);
        await clock.Delay(Takes, cancellationToken).ConfigureAwait(false);
        if (_creating > 0 || cloud.Alive.Any())
        {
            Wrong++;
            return false;
        }

        if (Fails?.Invoke("release") is { } failure)
        {
            throw failure;
        }

        Exists = StillInUse && Exists;
        return !Exists;
    }

    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        _creating++;
        try
        {
            Exists = true;
            return await cloud.CreateAsync(spec, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _creating--;
        }
    }

    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        cloud.ListAsync(ownership, cancellationToken);

    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => cloud.GetAsync(id, cancellationToken);

    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        cloud.DeleteAsync(id, name, cancellationToken);
}
