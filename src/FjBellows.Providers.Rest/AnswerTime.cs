using System.Net.Http.Headers;

namespace FjBellows.Providers.Rest;

/// <summary>The cloud's time, by the <c>Date</c> of its answers (RFC 9110, 6.6.1). An answer that a cache kept for a while says nothing of
/// the present.</summary>
internal sealed class AnswerTime : ICloudTime
{
    private long _ticks;

    /// <inheritdoc />
    public DateTimeOffset? LastAnswer =>
        Interlocked.Read(ref _ticks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Takes an answer's headers.</summary>
    public void Take(HttpResponseHeaders headers)
    {
        if (headers is { Date: { } date } && !(headers.Age > TimeSpan.Zero))
        {
            Interlocked.Exchange(ref _ticks, date.UtcTicks);
        }
    }
}
