namespace FjBellows.Sandbox.Clouds;

/// <summary>What goes wrong with the stand-in, and how often. Faults queued for the same request are used up one after another.</summary>
public sealed class LinodeFakeFaults
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _queue = [];
    private readonly HashSet<string> _soldOut = [];

    /// <summary>How long a new instance is missing from lists, though it can be asked for by id.</summary>
    public TimeSpan HiddenFromLists { get; set; }

    /// <summary>True to answer lists as if no filter had been sent.</summary>
    public bool IgnoreFilters { get; set; }

    /// <summary>The status with which a sold-out plan is refused; Linode has used 400 and 403.</summary>
    public int SoldOutStatus { get; set; } = 400;

    /// <summary>Answers matching requests with an error instead of carrying them out.</summary>
    /// <param name="method">The method, such as POST.</param>
    /// <param name="path">The start of the path after the version, such as <c>linode/instances</c>.</param>
    /// <param name="reason">The sentence; sent as it is, without JSON around it, when it begins with &lt;.</param>
    /// <param name="retryAfter">The pause to ask for.</param>
    /// <param name="times">How many requests.</param>
    public void Answer(string method, string path, int status, string reason, TimeSpan? retryAfter = null, int times = 1) =>
        Add(new Fault(method, path) { Reply = LinodeFakeReply.Error(status, reason) with { RetryAfter = retryAfter } }, times);

    /// <summary>Carries matching requests out, then ends the connection without an answer.</summary>
    /// <param name="path">The start of the path.</param>
    /// <param name="times">How many requests.</param>
    public void LoseAnswer(string method, string path, int times = 1) => Add(new Fault(method, path) { Lost = true }, times);

    /// <summary>Carries matching requests out, then answers with an error all the same, as a gateway does that lost patience.</summary>
    /// <param name="path">The start of the path.</param>
    /// <param name="times">How many requests.</param>
    public void ActThenAnswer(string method, string path, int status, int times = 1) =>
        Add(new Fault(method, path) { Reply = LinodeFakeReply.Error(status, "Internal error"), Acts = true }, times);

    /// <summary>Carries matching requests out at once, but answers late, by the stand-in's clock.</summary>
    /// <param name="path">The start of the path.</param>
    /// <param name="delay">How late.</param>
    /// <param name="times">How many requests.</param>
    public void Delay(string method, string path, TimeSpan delay, int times = 1) => Add(new Fault(method, path) { Late = delay }, times);

    /// <summary>Marks a plan as sold out in a region.</summary>
    /// <param name="type">The plan.</param>
    public void SellOut(string region, string type)
    {
        lock (_gate)
        {
            _soldOut.Add($"{region}/{type}");
        }
    }

    internal bool IsSoldOut(string region, string type)
    {
        lock (_gate)
        {
            return _soldOut.Contains($"{region}/{type}");
        }
    }

    internal Fault? Take(string method, string path)
    {
        lock (_gate)
        {
            var index = _queue.FindIndex(f => f.Method == method && path.StartsWith(f.Path, StringComparison.Ordinal));
            if (index < 0)
            {
                return null;
            }

            var fault = _queue[index];
            _queue.RemoveAt(index);
            return fault;
        }
    }

    private void Add(Fault fault, int times)
    {
        lock (_gate)
        {
            _queue.AddRange(Enumerable.Repeat(fault, times));
        }
    }

    internal sealed record Fault(string Method, string Path)
    {
        public LinodeFakeReply? Reply { get; init; }

        public bool Lost { get; init; }

        public bool Acts { get; init; }

        public TimeSpan Late { get; init; }
    }
}
