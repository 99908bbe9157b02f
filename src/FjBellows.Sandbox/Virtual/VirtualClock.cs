namespace FjBellows.Sandbox.Virtual;

/// <summary>
/// Time that passes only when asked to, and the one queue of everything that is to run, of the world and of the programs in it. Work runs
/// on the thread that calls <see cref="Settle"/> or <see cref="Advance"/>, one item at a time in a fixed order, so that a history replays
/// exactly.
/// </summary>
public sealed class VirtualClock
{
    private const int MostStepsAtOnce = 5_000_000;

    private readonly PriorityQueue<Due, (long Ticks, long Order)> _due = new();
    private readonly Queue<(VirtualLife? Life, Action Work)> _ready = new();
    private readonly DateTimeOffset _start;
    private long _ticks;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private string? _intruder;
    private long _order;

    /// <summary>A clock at a moment. The thread that makes it is the only one that may use it, and loses its synchronization context:
    /// under one, whatever is awaited would go on elsewhere.</summary>
    /// <param name="start">The moment.</param>
    public VirtualClock(DateTimeOffset start)
    {
        _start = start;
        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>The true time.</summary>
    public DateTimeOffset Now => _start + TimeSpan.FromTicks(_ticks);

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_ticks);

    /// <summary>Work items run so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Lets something run now, after what is queued already.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="life">The program it belongs to; null for the world. It does not run once that program is dead.</param>
    public void Post(Action work, VirtualLife? life = null)
    {
        Guard();
        _ready.Enqueue((life, work));
    }

    /// <summary>Lets something run later.</summary>
    /// <param name="delay">How much later.</param>
    /// <param name="work">What to run.</param>
    /// <param name="life">The program it belongs to; null for the world.</param>
    /// <param name="cancelled">Asked when it is due: true leaves it out.</param>
    public void Schedule(TimeSpan delay, Action work, VirtualLife? life = null, Func<bool>? cancelled = null)
    {
        Guard();
        Enqueue(new Due(work, life, cancelled, life?.Slept ?? TimeSpan.Zero), _ticks + Math.Max(0, delay.Ticks));
    }

    /// <summary>A task that completes later; cancelling it ends the wait.</summary>
    /// <param name="delay">How much later.</param>
    public Task Delay(TimeSpan delay, CancellationToken cancellationToken = default)
    {
        var source = new TaskCompletionSource();
        var registration = cancellationToken.Register(() => source.TrySetCanceled(cancellationToken));
        Schedule(delay, () =>
        {
            registration.Dispose();
            source.TrySetResult();
        });
        return source.Task;
    }

    /// <summary>Runs what is ready, and what that makes ready, until nothing is; time stands still.</summary>
    /// <exception cref="InvalidOperationException">It never ends: something keeps itself busy.</exception>
    public void Settle()
    {
        var left = MostStepsAtOnce;
        Guard();
        while (_ready.TryDequeue(out var item))
        {
            if (item.Life is { IsOver: true })
            {
                continue;
            }

            if (item.Life is { IsAsleep: true } asleep)
            {
                asleep.Hold(item.Work);
                continue;
            }

            Steps++;
            item.Work();
            if (--left == 0)
            {
                throw new InvalidOperationException($"{MostStepsAtOnce} steps without time passing: something keeps itself busy");
            }
        }
    }

    /// <summary>Lets time pass, running every timer at its own time.</summary>
    /// <param name="time">How long.</param>
    public void Advance(TimeSpan time)
    {
        Settle();
        var until = _ticks + time.Ticks;
        while (_due.TryPeek(out var due, out var key) && key.Ticks <= until)
        {
            _due.Dequeue();
            if (due.Life is { IsOver: true } || due.Cancelled?.Invoke() == true)
            {
                continue;
            }

            if (due.Life is { } life && life.Slept != due.Slept)
            {
                // The program's own clock stood still meanwhile, and with it its timers.
                Enqueue(due with { Slept = life.Slept }, key.Ticks + (life.Slept - due.Slept).Ticks);
                continue;
            }

            _ticks = Math.Max(_ticks, key.Ticks);
            if (due.Life is { IsAsleep: true } asleep)
            {
                var left = TimeSpan.FromTicks(_ticks) - asleep.AsleepAt;
                asleep.Hold(() => Schedule(left, due.Work, asleep, due.Cancelled));
                continue;
            }

            due.Work();
            Settle();
        }

        _ticks = until;
    }

    /// <summary>Lets time pass in steps until something holds.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="longest">The longest to wait.</param>
    /// <param name="step">Between two looks; one second unless given.</param>
    /// <returns>True when it came to hold.</returns>
    public bool AdvanceUntil(Func<bool> condition, TimeSpan longest, TimeSpan? step = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = Now + longest;
        Settle();
        while (!condition())
        {
            if (Now >= end)
            {
                return false;
            }

            Advance(step ?? TimeSpan.FromSeconds(1));
        }

        return true;
    }

    /// <summary>The clock as a <see cref="TimeProvider"/>.</summary>
    public TimeProvider AsTimeProvider() => new Provider(this);

    /// <summary>One thread only: work that went on elsewhere would make histories differ between runs.</summary>
    private void Guard()
    {
        if (_intruder is null && Environment.CurrentManagedThreadId != _thread)
        {
            _intruder = Environment.StackTrace;
        }

        if (_intruder is { } trace)
        {
            throw new InvalidOperationException($"something of the virtual world ran on a thread of its own: {trace}");
        }
    }

    /// <summary>Suspends a program: nothing of it runs and its monotonic clock stands still, while the world goes on.</summary>
    /// <param name="life">The program.</param>
    public void Suspend(VirtualLife life)
    {
        ArgumentNullException.ThrowIfNull(life);
        life.Sleep(Elapsed);
    }

    /// <summary>Resumes a suspended program, with everything that came for it meanwhile.</summary>
    /// <param name="life">The program.</param>
    public void Resume(VirtualLife life)
    {
        ArgumentNullException.ThrowIfNull(life);
        foreach (var work in life.Wake(Elapsed))
        {
            Post(work, life);
        }

        Settle();
    }

    private void Enqueue(Due due, long ticks) => _due.Enqueue(due, (ticks, _order++));

    private sealed record Due(Action Work, VirtualLife? Life, Func<bool>? Cancelled, TimeSpan Slept);

    private sealed class Provider(VirtualClock clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.Now;

        public override long GetTimestamp() => clock._ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
