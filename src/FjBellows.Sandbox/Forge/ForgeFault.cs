namespace FjBellows.Sandbox.Forge;

/// <summary>A way in which the stand-in misbehaves, for a number of requests of one route.</summary>
/// <param name="Kind">What it does.</param>
public sealed record ForgeFault(ForgeFaultKind Kind)
{
    /// <summary>Answers with this status and, if not null, this body.</summary>
    /// <param name="code">The HTTP status.</param>
    /// <param name="body">The body; Forgejo's usual error when null.</param>
    /// <param name="retryAfter">The Retry-After header, if any.</param>
    public static ForgeFault Status(int code, string? body = null, TimeSpan? retryAfter = null) =>
        new(ForgeFaultKind.Status) { StatusCode = code, Body = body, RetryAfter = retryAfter };

    /// <summary>Answers properly, but only after this long.</summary>
    /// <param name="delay">How long.</param>
    public static ForgeFault Slow(TimeSpan delay) => new(ForgeFaultKind.Slow) { Delay = delay };

    /// <summary>Does what was asked at once, but answers only after this long.</summary>
    /// <param name="delay">How long.</param>
    public static ForgeFault SlowReply(TimeSpan delay) => new(ForgeFaultKind.SlowReply) { Delay = delay };

    /// <summary>The status of <see cref="ForgeFaultKind.Status"/>.</summary>
    public int StatusCode { get; init; } = 500;

    /// <summary>The body of <see cref="ForgeFaultKind.Status"/>.</summary>
    public string? Body { get; init; }

    /// <summary>The Retry-After header of <see cref="ForgeFaultKind.Status"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The delay of <see cref="ForgeFaultKind.Slow"/> and <see cref="ForgeFaultKind.SlowReply"/>.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>What a <see cref="ForgeFault"/> does.</summary>
public enum ForgeFaultKind
{
    /// <summary>Another status; nothing is done.</summary>
    Status,

    /// <summary>200 with a page for people, as a proxy's error or login page; nothing is done.</summary>
    Html,

    /// <summary>Takes the request and never answers; nothing is done.</summary>
    Hang,

    /// <summary>Answers late.</summary>
    Slow,

    /// <summary>Does what was asked at once, and answers late: a fetch that is slow has assigned its job already.</summary>
    SlowReply,

    /// <summary>200 without a body; nothing is done.</summary>
    Empty,

    /// <summary>200 with JSON cut off in the middle; nothing is done.</summary>
    Malformed,

    /// <summary>Drops the connection; nothing is done.</summary>
    Disconnect,

    /// <summary>Does what was asked, then drops the connection: the answer is lost.</summary>
    LoseReply,
}

/// <summary>The faults waiting for their requests.</summary>
public sealed class ForgeFaults
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];

    /// <summary>Lets the next requests of a route meet a fault. Faults of one route are met in the order they were added.</summary>
    /// <param name="route">The route; null for any.</param>
    /// <param name="fault">What happens.</param>
    /// <param name="count">How many requests meet it; <see cref="int.MaxValue"/> until <see cref="Clear"/>.</param>
    public void Add(ForgeRoute? route, ForgeFault fault, int count = 1)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_gate)
        {
            _waiting.Add(new Waiting(route, fault) { Left = count });
        }
    }

    /// <summary>Forgets every fault.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _waiting.Clear();
        }
    }

    internal ForgeFault? Take(ForgeRoute route)
    {
        lock (_gate)
        {
            var next = _waiting.Find(w => w.Route is null || w.Route == route);
            if (next is { Left: < int.MaxValue } && --next.Left == 0)
            {
                _waiting.Remove(next);
            }

            return next?.Fault;
        }
    }

    private sealed record Waiting(ForgeRoute? Route, ForgeFault Fault)
    {
        public int Left { get; set; }
    }
}
