using Akka.Actor;
using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Setup;

/// <summary>What every actor of one pool shares. Settings and ports may be changed while the pool runs; a reader sees all of a change or
/// nothing of it.</summary>
internal sealed class PoolRuntime
{
    private volatile JournalHealth _journal = JournalHealth.Unproven;
    private volatile Current _current;

    /// <summary>What the actors of a pool share.</summary>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="ports">The outside world.</param>
    /// <param name="clock">The pool's clock.</param>
    /// <param name="dispatcher">The dispatcher the actors run on; empty for the system's default.</param>
    public PoolRuntime(PoolSettings settings, PoolPorts ports, PoolClock clock, string dispatcher = "")
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(ports);
        (Clock, Dispatcher) = (clock, dispatcher);
        RunnerQueries = new RequestAllowance(10, TimeSpan.FromSeconds(1), () => clock.Elapsed);
        _current = With(settings, ports, CloudClock.Unmeasured);
    }

    /// <summary>The pool's settings.</summary>
    public PoolSettings Settings => _current.Settings;

    /// <summary>The outside world; its cloud's times are by our clock (invariant B8).</summary>
    public PoolPorts Ports => _current.Ports;

    /// <summary>The billing model in force.</summary>
    public BillingModel Billing => _current.Billing;

    /// <summary>The pool's clock.</summary>
    public PoolClock Clock { get; }

    /// <summary>How often the pool's workers together may query their registrations.</summary>
    internal RequestAllowance RunnerQueries { get; }

    /// <summary>The dispatcher the actors run on; empty for the system's default.</summary>
    public string Dispatcher { get; }

    /// <summary>What the provider keeps around its workers; null where it keeps nothing.</summary>
    internal IManagedNetwork? Network => _current.Network;

    /// <summary>How the cloud's clock differs from ours.</summary>
    internal CloudClock CloudClock => _current.Cloud.Measured;

    /// <summary>What Forgejo said when it last refused a registration for want of permission; null when the last one was made.</summary>
    internal string? RegistrationForbidden => _current.Registry.Forbidden;

    /// <summary>The journal's health; it outlives the actor that met a refusal. Only the pool's actor changes it.</summary>
    internal JournalHealth JournalHealth
    {
        get => _journal;
        set => _journal = value;
    }

    /// <summary>Changes settings and ports. Only the pool's actor does.</summary>
    /// <param name="settings">The settings from now on.</param>
    /// <param name="ports">The outside world from now on.</param>
    internal void Change(PoolSettings settings, PoolPorts ports) => _current = With(settings, ports, CloudClock);

    /// <summary>Puts an actor on the pool's dispatcher.</summary>
    /// <param name="props">The actor.</param>
    internal Props On(Props props) => Dispatcher.Length == 0 ? props : props.WithDispatcher(Dispatcher);

    private Current With(PoolSettings settings, PoolPorts ports, CloudClock measured)
    {
        var cloud = new ClockCorrectedCloud(ports.Cloud, Clock, measured);
        var registry = new WatchedRegistry(ports.Runners);
        return new Current(
            settings, ports with { Cloud = cloud, Runners = registry }, settings.BillingOf(ports.Cloud), ports.Cloud.Parts.Network, cloud,
            registry);
    }

    private sealed record Current(
        PoolSettings Settings, PoolPorts Ports, BillingModel Billing, IManagedNetwork? Network, ClockCorrectedCloud Cloud,
        WatchedRegistry Registry);
}
