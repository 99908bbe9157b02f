using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace FjBellows.Sandbox.Virtual;

/// <summary>The scheduler of an actor system that lives on a <see cref="VirtualClock"/>.</summary>
public sealed class VirtualScheduler : SchedulerBase
{
    // The actor system makes its scheduler by reflection and hands it nothing of ours: the clock is left here while it does.
    private static readonly AsyncLocal<(VirtualClock Clock, VirtualLife Life)> Handover = new();

    private readonly VirtualClock _clock;
    private readonly VirtualLife _life;

    /// <summary>Made by the actor system.</summary>
    /// <param name="config">Unused.</param>
    /// <param name="log">Unused.</param>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
        (_clock, _life) = Handover.Value;
        if (_clock is null)
        {
            throw new InvalidOperationException("a virtual scheduler belongs to a system made by VirtualSystem");
        }
    }

    /// <inheritdoc />
    protected override DateTimeOffset TimeNow => _clock.Now + _life.WallOffset;

    /// <inheritdoc />
    public override TimeSpan MonotonicClock => _clock.Elapsed - _life.Slept;

    /// <inheritdoc />
    public override TimeSpan HighResMonotonicClock => _clock.Elapsed - _life.Slept;

    internal static T With<T>(VirtualClock clock, VirtualLife life, Func<T> make)
    {
        Handover.Value = (clock, life);
        try
        {
            return make();
        }
        finally
        {
            Handover.Value = default;
        }
    }

    internal void Run(IRunnable work) => _clock.Post(work.Run, _life);

    /// <inheritdoc />
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Once(delay, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Once(delay, action, cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Once(delay, action.Run, cancelable);
    }

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action, cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Repeatedly(initialDelay, interval, action.Run, cancelable);
    }

    private void Once(TimeSpan delay, Action action, ICancelable? cancelable) =>
        _clock.Schedule(delay, action, _life, cancelable is null ? null : () => cancelable.IsCancellationRequested);

    private void Repeatedly(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable) => Once(
        delay,
        () =>
        {
            action();
            Repeatedly(interval, interval, action, cancelable);
        },
        cancelable);
}
