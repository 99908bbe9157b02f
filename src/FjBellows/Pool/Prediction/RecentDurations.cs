namespace FjBellows.Pool;

/// <summary>What is usual: the median and the ninetieth percentile of recent lengths. A single outlier moves neither.</summary>
public sealed class TimeEstimate
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);

    private readonly TimeSpan[] _sorted;

    /// <summary>What is usual of some lengths.</summary>
    /// <param name="times">The lengths, at least one, in any order.</param>
    public TimeEstimate(IEnumerable<TimeSpan> times)
    {
        _sorted = [.. times.Order()];
        ArgumentOutOfRangeException.ThrowIfZero(_sorted.Length, nameof(times));
        Samples = _sorted.Length;
        Median = Middle(0);
        P90 = _sorted[(int)Math.Ceiling(0.9 * _sorted.Length) - 1];
    }

    /// <summary>Half took no longer.</summary>
    public TimeSpan Median { get; }

    /// <summary>Nine of ten took no longer.</summary>
    public TimeSpan P90 { get; }

    /// <summary>How many are remembered; 0 when this is a default.</summary>
    public int Samples { get; private init; }

    /// <summary>A default, before anything was seen.</summary>
    /// <param name="time">The default.</param>
    public static TimeEstimate Default(TimeSpan time) => new([time]) { Samples = 0 };

    /// <summary>How much longer something is likely to last that has lasted a while: to the median of those that lasted longer still; when
    /// none did, for a quarter of what it has lasted, since what is late already may be late by more.</summary>
    /// <param name="lasted">How long it has lasted.</param>
    public TimeSpan Left(TimeSpan lasted)
    {
        var (low, high) = (0, _sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _sorted[middle] <= lasted ? (middle + 1, high) : (low, middle);
        }

        var left = low < _sorted.Length ? Middle(low) - lasted : lasted / 4;
        return left > Least ? left : Least;
    }

    private TimeSpan Middle(int from) => _sorted[from + ((_sorted.Length - from - 1) / 2)];
}

/// <summary>The most recent lengths of one thing.</summary>
internal sealed class RecentDurations
{
    /// <summary>How many are remembered.</summary>
    public const int Kept = 30;

    private readonly Queue<TimeSpan> _times = new(Kept);

    /// <summary>What is usual; null before anything was seen.</summary>
    public TimeEstimate? Usual { get; private set; }

    /// <summary>Takes one more, and forgets the oldest beyond <see cref="Kept"/>.</summary>
    public void Add(TimeSpan time)
    {
        if (_times.Count == Kept)
        {
            _times.Dequeue();
        }

        _times.Enqueue(time);
        Usual = new TimeEstimate(_times);
    }
}
