using Akka.Actor;
using FjBellows.Billing;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>What every actor of one pool shares. Settings and ports may be changed while the pool runs; whoever reads them sees all of a change or
/// nothing of it.</summary>
/// <param name="settings">What the pool is told.</param>
/// <param name="ports">The outside world.</param>
/// <param name="clock">The pool's clock.</param>
/// <param name="dispatcher">The dispatcher the actors run on; empty for the system's default.</param>
public sealed class PoolRuntime(PoolSettings settings, PoolPorts ports, PoolClock clock, string dispatcher = "")
{
    private volatile JournalTrouble? _trouble;
    private volatile Current _current = new(settings, ports, settings.BillingOf(ports.Cloud));

    /// <summary>What the pool is told.</summary>
    public PoolSettings Settings => _current.Settings;

    /// <summary>The outside world.</summary>
    public PoolPorts Ports => _current.Ports;

    /// <summary>The billing model in force.</summary>
    public BillingModel Billing => _current.Billing;

    /// <summary>The pool's clock.</summary>
    public PoolClock Clock { get; } = clock;

    /// <summary>How often the pool's workers together may query their registrations.</summary>
    internal RequestAllowance RunnerQueries { get; } = new(10, TimeSpan.FromSeconds(1), () => clock.Elapsed);

    /// <summary>The dispatcher the actors run on; empty for the system's default.</summary>
    public string Dispatcher { get; } = dispatcher;

    /// <summary>What the journal's last refusal taught; it outlives the actor that met it. Null while the journal can be written. Only the pool's
    /// actor changes it.</summary>
    internal JournalTrouble? Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }

    /// <summary>Changes what the pool is told. Only the pool's actor does.</summary>
    /// <param name="settings">What it is told from now on.</param>
    /// <param name="ports">Its outside world from now on.</param>
    internal void Change(PoolSettings settings, PoolPorts ports) => _current = new(settings, ports, settings.BillingOf(ports.Cloud));

    /// <summary>Puts an actor on the pool's dispatcher.</summary>
    /// <param name="props">The actor.</param>
    internal Props On(Props props) => Dispatcher.Length == 0 ? props : props.WithDispatcher(Dispatcher);

    /// <summary>A journal that could not be written.</summary>
    /// <param name="Failures">How often in a row.</param>
    /// <param name="HeldUntil">Until when nothing is tried.</param>
    /// <param name="Why">What it said.</param>
    /// <param name="IsProven">True when it has been written since, though not by whom it had refused.</param>
    internal sealed record JournalTrouble(int Failures, DateTimeOffset HeldUntil, string Why, bool IsProven = false);

    private sealed record Current(PoolSettings Settings, PoolPorts Ports, BillingModel Billing);
}
