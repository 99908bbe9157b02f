namespace FjBellows.Time;

/// <summary>Limits how many requests may leave in a stretch of time, over all that share it. Who gets none asks again later.</summary>
/// <param name="most">How many.</param>
/// <param name="per">In which time.</param>
/// <param name="elapsed">A clock that cannot be set.</param>
internal sealed class RequestAllowance(int most, TimeSpan per, Func<TimeSpan> elapsed)
{
    private readonly Lock _gate = new();
    private TimeSpan _since;
    private int _taken;

    /// <summary>Takes one request; false when none is left.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            var now = elapsed();
            if (now - _since >= per)
            {
                (_since, _taken) = (now, 0);
            }

            if (_taken >= most)
            {
                return false;
            }

            _taken++;
            return true;
        }
    }
}
