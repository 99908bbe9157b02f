using Akka.Actor;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Time;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>
/// Asks one source of the outside world on its own schedule and sends the pool what it saw, stamped with the time its request was sent, or
/// why it saw nothing. It never decides. After failures it asks more rarely, at most once a minute apart.
/// </summary>
internal abstract class ObserverActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan SmallestGap = TimeSpan.FromMilliseconds(250);

    private readonly OutsideCalls _calls;
    private bool _asking;
    private bool _again;
    private ObserverSchedule _schedule = ObserverSchedule.Begin;

    protected ObserverActor(PoolRuntime pool, PoolSource source)
    {
        Pool = pool;
        Source = source;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);
        Receive<ObserveNow>(_ =>
        {
            if (_asking)
            {
                _again = true;
            }
            else if (!Timers.IsTimerActive(nameof(AskSoon)) && _schedule.Failures == 0)
            {
                // While it fails, being wanted neither hastens the next try nor puts it off.
                Timers.StartSingleTimer(nameof(AskSoon), AskSoon.Instance, SmallestGap);
            }
        });
        Receive<ObserveAnew>(_ =>
        {
            // What is asked already left before this was wanted.
            _again = _asking;
            Ask();
        });
        Receive<AskSoon>(_ => Ask());
        Receive<AskDue>(_ => Ask());
        Receive<Saw>(OnSaw);
        Receive<Missed>(OnMissed);
        Receive<Cadence>(m =>
        {
            Busy = m.Busy;
            if (!_asking && _schedule.Failures == 0)
            {
                Schedule();
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected PoolRuntime Pool { get; }

    protected PoolSource Source { get; }

    /// <summary>True while the pool has use for fresher views of this source.</summary>
    protected bool Busy { get; private set; }

    protected override void PreStart() => Ask();

    protected override void PostStop() => _calls.Dispose();

    /// <summary>Asks. The observation is made with the time at which that was.</summary>
    protected abstract Task<Func<DateTimeOffset, IPoolObservation>> ObserveAsync(CancellationToken token);

    /// <summary>How long to wait after a good answer.</summary>
    protected abstract TimeSpan Interval(IPoolObservation? last);

    private void Ask()
    {
        if (_asking)
        {
            return;
        }

        _asking = true;
        _again = false;
        Timers.Cancel(nameof(AskDue));
        Timers.Cancel(nameof(AskSoon));
        var (requestedAt, followed) = Pool.Clock.Read();
        _schedule = _schedule.Asked(Pool.Clock.Elapsed);
        _calls.Send(
            Pool.Settings.Poll.RequestTimeout,
            ObserveAsync,
            seen => new Saw(seen(Asked())),
            e => new Missed(Asked(), e));

        // By the clock that is followed when the answer is here.
        DateTimeOffset Asked() => requestedAt.Moved(Pool.Clock.Read().Followed - followed);
    }

    private void OnSaw(Saw m)
    {
        _asking = false;
        _schedule = _schedule.Answered();
        Last = m.Observation;
        Context.Parent.Tell(m.Observation);
        if (_again)
        {
            Timers.StartSingleTimer(nameof(AskSoon), AskSoon.Instance, SmallestGap);
        }

        Schedule();
    }

    private void OnMissed(Missed m)
    {
        _asking = false;
        var retryAfter = (m.Error as ForgejoException)?.RetryAfter ?? (m.Error as CloudException)?.RetryAfter;
        _schedule = _schedule.Failed(Pool.Clock.Elapsed, retryAfter);
        Context.Parent.Tell(new SourceFailed(Source, m.Error.Message, m.RequestedAt));
        Schedule();
    }

    private IPoolObservation? Last { get; set; }

    private void Schedule() => Timers.StartSingleTimer(nameof(AskDue), AskDue.Instance, _schedule.Wait(Interval(Last), Pool.Clock.Elapsed));

    /// <summary>Ask as soon as is decent: something happened that makes a fresh view worth having.</summary>
    internal sealed record ObserveNow
    {
        public static readonly ObserveNow Instance = new();
    }

    /// <summary>Ask now, whatever the backoff says: a person wants to know.</summary>
    internal sealed record ObserveAnew
    {
        public static readonly ObserveAnew Instance = new();
    }

    /// <summary>Whether fresher views than usual are worth their requests.</summary>
    internal sealed record Cadence(bool Busy);

    private sealed record AskDue
    {
        public static readonly AskDue Instance = new();
    }

    private sealed record AskSoon
    {
        public static readonly AskSoon Instance = new();
    }

    private sealed record Saw(IPoolObservation Observation);

    private sealed record Missed(DateTimeOffset RequestedAt, Exception Error);
}
