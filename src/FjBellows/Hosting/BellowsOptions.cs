namespace FjBellows.Hosting;

/// <summary>What an embedder says: which pools there are and what each of them works with.</summary>
public sealed class BellowsOptions
{
    private readonly List<PoolRegistration> _pools = [];

    /// <summary>The pools so far.</summary>
    public IReadOnlyList<PoolRegistration> Pools => _pools;

    /// <summary>Adds a pool.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="ports">Makes what it works with from the host's services; called once, when the actors start.</param>
    /// <exception cref="ArgumentException">A pool of that name was added already.</exception>
    public BellowsOptions AddPool(PoolSettings settings, Func<IServiceProvider, PoolPorts> ports)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(ports);
        if (_pools.Any(p => p.Settings.Name == settings.Name))
        {
            throw new ArgumentException(
                $"there are two pools named '{settings.Name}'; a pool's name is the key of its journal", nameof(settings));
        }

        _pools.Add(new PoolRegistration(settings, ports));
        return this;
    }
}

/// <summary>One pool to start.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="Ports">Makes what it works with.</param>
public sealed record PoolRegistration(PoolSettings Settings, Func<IServiceProvider, PoolPorts> Ports);
