namespace FjBellows.Sandbox.Clouds;

/// <summary>Linode's own counting: 20 creates in 15 s, 200 pages of collections in a minute.</summary>
internal sealed class LinodeFakeRateLimits(TimeProvider time)
{
    private static readonly TimeSpan CreateWindow = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ListWindow = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _creates = [];
    private readonly Queue<DateTimeOffset> _lists = [];

    /// <summary>How long to wait when the request is one too many; null when it is not.</summary>
    public TimeSpan? Exceeded(LinodeFakeRequest request) => (request.Method, request.Segments) switch
    {
        ("POST", ["linode", "instances"]) => Count(_creates, 20, CreateWindow),
        ("GET", ["linode", "instances" or "types"] or ["networking", "firewalls"] or ["placement", "groups"] or ["vpcs"]) =>
            Count(_lists, 200, ListWindow),
        _ => null,
    };

    private TimeSpan? Count(Queue<DateTimeOffset> seen, int limit, TimeSpan window)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (seen.TryPeek(out var oldest) && oldest + window <= now)
            {
                seen.Dequeue();
            }

            if (seen.Count >= limit)
            {
                return seen.Peek() + window - now;
            }

            seen.Enqueue(now);
            return null;
        }
    }
}
