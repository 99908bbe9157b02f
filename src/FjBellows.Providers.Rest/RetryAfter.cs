using System.Globalization;
using System.Net.Http.Headers;

namespace FjBellows.Providers.Rest;

/// <summary>How long a cloud asks to wait, from the headers of its answer. Callers bound what they obey (invariant R2).</summary>
public static class RetryAfter
{
    /// <summary>The pause after a refusal for too many requests that names none.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(15);

    private static readonly string[] ResetHeaders = ["RateLimit-Reset", "X-RateLimit-Reset"];

    /// <summary>The pause, null where no header names one that is longer than 0.</summary>
    /// <param name="time">The clock, for points in time.</param>
    public static TimeSpan? Of(HttpResponseHeaders headers, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        var pause = headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date is { } date ? date - now : (TimeSpan?)null)
            ?? Reset(headers, now);
        return pause > TimeSpan.Zero ? pause : null;
    }

    /// <summary>The moment at which the window begins again, as seconds since 1970. A number that is no such moment says nothing.</summary>
    private static TimeSpan? Reset(HttpResponseHeaders headers, DateTimeOffset now)
    {
        foreach (var name in ResetHeaders)
        {
            if (headers.TryGetValues(name, out var values)
                && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds is > 1_000_000_000 and < 100_000_000_000)
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds) - now;
            }
        }

        return null;
    }
}
