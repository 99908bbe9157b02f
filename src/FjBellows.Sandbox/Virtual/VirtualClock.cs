namespace FjBellows.Sandbox.Virtual;

/// <summary>
/// Time that passes only when told, and the one queue of everything that is to run, of the world and of the programs in it. Work runs on
/// the thread that calls <see cref="Settle"/> or <see cref="Advance"/>, one item at a time in a fixed order, so that a history replays exactly.
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
        _due.Enqueue(new Due(work, life, cancelled), (_ticks + Math.Max(0, delay.Ticks), _order++));
    }

    /// <summary>A task that completes later; cancelling it ends the wait.</summary>
    /// <param name="delay">How much later.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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

            _ticks = Math.Max(_ticks, key.Ticks);
            due.Work();
            Settle();
        }

        _ticks = until;
    }

    /// <summary>Lets time pass in steps until something holds.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="longest">The longest to wait.</param>
    /// <param name="step">Between two looks; one second unless told.</param>
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

    private sealed record Due(Action Work, VirtualLife? Life, Func<bool>? Cancelled);

    private sealed class Provider(VirtualClock clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.Now;

        public override long GetTimestamp() => clock._ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}

/// <summary>One run of a program in a virtual world, from its start to its end or its <c>kill -9</c>.</summary>
public sealed class VirtualLife
{
    /// <summary>True once nothing of it may run any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>By how much its wall clock is wrong.</summary>
    public TimeSpan WallOffset { get; set; }

    /// <summary>Ends it between two work items, as <c>kill -9</c> does.</summary>
    public void End() => IsOver = true;
}
