namespace FjBellows.Pool;

/// <summary>The bound on what failures cost (invariant W18): instances created are at most the jobs that ran, <c>scale.max</c> and one an
/// hour. It holds whatever fails, since it asks for no cause.</summary>
/// <param name="Since">Counted since when.</param>
/// <param name="Created">Instances created, without those that an operator asked for.</param>
/// <param name="JobsRun">Jobs that ran.</param>
internal sealed record CostBound(DateTimeOffset Since, int Created, int JobsRun)
{
    /// <summary>The time in which one more is always allowed: an hour, or what the configuration counts as a billed hour.</summary>
    public TimeSpan Hour { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many may be created now.</summary>
    /// <param name="max"><c>scale.max</c>.</param>
    public int Most(int max, DateTimeOffset now) =>
        (int)Math.Clamp(Math.Floor(max + (long)JobsRun - Created + (Elapsed(now) / Hour)), 0, int.MaxValue);

    /// <summary>Why none may be created; null when one may.</summary>
    /// <param name="max"><c>scale.max</c>.</param>
    public ProvisioningHold.CostLimit? HoldAt(int max, DateTimeOffset now)
    {
        if (max <= 0 || Most(max, now) > 0)
        {
            return null;
        }

        var hours = (long)Created + 1 - max - JobsRun;
        return new ProvisioningHold.CostLimit(Since + (Hour * Math.Max(0, hours)), Created, JobsRun, Since);
    }

    private TimeSpan Elapsed(DateTimeOffset now) => now > Since ? now - Since : TimeSpan.Zero;
}
