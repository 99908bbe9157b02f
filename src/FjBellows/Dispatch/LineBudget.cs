namespace FjBellows.Dispatch;

/// <summary>How many lines of one dispatch's log are passed on, so that a job that floods its log costs this process neither memory nor
/// time (invariant S11): a good many at once, and then some thousand a second. What is over is dropped and counted; the log itself stays on
/// the worker.</summary>
internal sealed class LineBudget(TimeProvider time)
{
    /// <summary>Lines at once.</summary>
    public const int Burst = 25_000;

    /// <summary>Lines a second after that.</summary>
    public const int Rate = 2000;

    private const double BurstCharacters = 8 << 20;
    private const double CharacterRate = 1 << 20;

    private double _lines = Burst;
    private double _characters = BurstCharacters;
    private long _since = time.GetTimestamp();
    private long _pending;

    /// <summary>Lines dropped so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a line; false when it has to be dropped.</summary>
    /// <param name="length">Its length in characters.</param>
    /// <param name="missed">How many lines before it were dropped and are not yet reported.</param>
    public bool Take(int length, out long missed)
    {
        missed = 0;
        var seconds = time.GetElapsedTime(_since).TotalSeconds;
        _since = time.GetTimestamp();
        _lines = Math.Min(Burst, _lines + (seconds * Rate));
        _characters = Math.Min(BurstCharacters, _characters + (seconds * CharacterRate));
        if (_lines < 1 || _characters < length)
        {
            Dropped++;
            _pending++;
            return false;
        }

        _lines--;
        _characters -= length;
        (missed, _pending) = (_pending, 0);
        return true;
    }
}
