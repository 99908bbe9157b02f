namespace FjBellows.Testing.Clouds;

/// <summary>What goes wrong with a fake cloud. Faults queued for the same request are used up one after another.</summary>
public sealed class FakeFaults
{
    private readonly Lock _gate = new();
    private readonly List<FakeFault> _queue = [];

    /// <summary>Queues a fault.</summary>
    /// <param name="times">For how many requests.</param>
    public void Add(FakeFault fault, int times = 1)
    {
        lock (_gate)
        {
            _queue.AddRange(Enumerable.Repeat(fault, times));
        }
    }

    /// <summary>The fault for a request, which is used up; null when there is none.</summary>
    internal FakeFault? Take(FakeRequest request)
    {
        lock (_gate)
        {
            var index = _queue.FindIndex(f => f.Method == request.Method && f.On(request));
            if (index < 0)
            {
                return null;
            }

            var fault = _queue[index];
            _queue.RemoveAt(index);
            return fault;
        }
    }
}

/// <summary>One fault of a fake cloud.</summary>
/// <param name="Method">The method of the requests it is for.</param>
/// <param name="On">True for the requests it is for.</param>
public sealed record FakeFault(string Method, Func<FakeRequest, bool> On)
{
    /// <summary>The answer in place of the cloud's own; null to end the connection without one.</summary>
    public FakeReply? Reply { get; init; }

    /// <summary>True to carry the request out before.</summary>
    public bool Acts { get; init; }
}
