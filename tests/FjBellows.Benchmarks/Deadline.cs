namespace FjBellows.Benchmarks;

/// <summary>Waits for what must come.</summary>
internal static class Deadline
{
    /// <summary>Asks again and again, at short intervals, until it is so.</summary>
    /// <exception cref="TimeoutException">It was not so in time.</exception>
    public static async Task UntilAsync(string what, TimeSpan patience, Func<Task<bool>> isSo, int everyMilliseconds = 50)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await isSo().ConfigureAwait(false))
        {
            if (TimeProvider.System.GetElapsedTime(since) > patience)
            {
                throw new TimeoutException($"{what}: not within {patience.TotalSeconds} s");
            }

            await Task.Delay(everyMilliseconds).ConfigureAwait(false);
        }
    }
}
