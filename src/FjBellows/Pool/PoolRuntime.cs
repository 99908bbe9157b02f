using Akka.Actor;
using FjBellows.Billing;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>What every actor of one pool shares.</summary>
/// <param name="Settings">What the pool is told.</param>
/// <param name="Ports">The outside world.</param>
/// <param name="Clock">The pool's clock.</param>
/// <param name="Dispatcher">The dispatcher the actors run on; empty for the system's default.</param>
public sealed record PoolRuntime(PoolSettings Settings, PoolPorts Ports, PoolClock Clock, string Dispatcher = "")
{
    /// <summary>The billing model in force.</summary>
    public BillingModel Billing { get; } = Settings.BillingOf(Ports.Cloud);

    /// <summary>Puts an actor on the pool's dispatcher.</summary>
    /// <param name="props">The actor.</param>
    internal Props On(Props props) => Dispatcher.Length == 0 ? props : props.WithDispatcher(Dispatcher);
}
