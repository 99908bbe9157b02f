using System.Collections.Immutable;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Distinguishes a fault of the pool from a worker's own (invariants W9, W17). Failures on two workers without a success in
/// between, or three in a row anywhere, are the pool's: dispatch and provisioning back off, and one probe after each wait tests whether it
/// is over. Pure.</summary>
internal sealed record DispatchBreaker
{
    /// <summary>Failures in a row on one worker that count like failures on two.</summary>
    public const int FailuresOfOne = 3;

    /// <summary>Failures in a row on the only worker that dispatches failed on, after which another worker is to tell whose fault they
    /// are.</summary>
    public const int FailuresOfOnly = 7;

    /// <summary>Between probes.</summary>
    public static readonly BackoffSettings Steps = new(TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));

    private DispatchBreaker()
    {
    }

    /// <summary>Nothing failed.</summary>
    public static DispatchBreaker Closed { get; } = new();

    /// <summary>Workers on which dispatches failed since the last success.</summary>
    public ImmutableHashSet<string> Workers { get; private init; } = [];

    /// <summary>Failures since the last success.</summary>
    public int Failures { get; private init; }

    /// <summary>When a dispatch last succeeded, and where.</summary>
    public (DateTimeOffset At, string Worker)? LastSuccess { get; private init; }

    /// <summary>What is known while it is open; null while it is closed.</summary>
    public ProvisioningHold.DispatchesFail? Hold { get; private init; }

    /// <summary>When a worker was last provisioned as a probe.</summary>
    public DateTimeOffset? ProvisionedAt { get; private init; }

    /// <summary>The most jobs that may be dispatched now.</summary>
    /// <param name="inFlight">Dispatches assigned and not yet started.</param>
    public int MostDispatches(DateTimeOffset now, int inFlight) =>
        Hold is null ? int.MaxValue : Hold.Until > now ? 0 : Math.Max(0, 1 - inFlight);

    /// <summary>Why nothing is provisioned; null when something may be: while it is open, one worker an hour where there is none to probe
    /// with.</summary>
    /// <param name="workers">Workers that a probe could use, or that provision.</param>
    public ProvisioningHold.DispatchesFail? HoldAt(DateTimeOffset now, int workers)
    {
        if (Hold is not { } hold || (hold.Until <= now && workers == 0 && !(ProvisionedAt + ProvisioningBackoff.ProbeEvery > now)))
        {
            return null;
        }

        return workers == 0 && ProvisionedAt + ProvisioningBackoff.ProbeEvery is { } next && next > hold.Until
            ? hold with { Until = next }
            : hold;
    }

    /// <summary>The state once a worker was provisioned as a probe.</summary>
    public DispatchBreaker Planned(DateTimeOffset now) => Hold is null ? this : this with { ProvisionedAt = now };

    /// <summary>The state after a dispatch that ran its task.</summary>
    public DispatchBreaker Succeeded(string worker, DateTimeOffset now) =>
        this with { Workers = [], Failures = 0, Hold = null, ProvisionedAt = null, LastSuccess = (now, worker) };

    /// <summary>The state after a dispatch that failed.</summary>
    /// <param name="message">What it ended with.</param>
    public DispatchBreaker Failed(string worker, string message, DateTimeOffset now)
    {
        var next = this with { Workers = Workers.Add(worker), Failures = Failures + 1 };
        if (next.Workers.Count < 2 && next.Failures < FailuresOfOne)
        {
            return next;
        }

        // Dispatches that ran side by side and fail together lengthen the wait once.
        var wait = Hold is { } open && open.Until > now ? open.Until - now
            : Steps.After(next.Failures - (next.Workers.Count < 2 ? FailuresOfOne : 2) + 1);
        return next with { Hold = new ProvisioningHold.DispatchesFail(now + wait, next.Failures, next.Workers.Count, message) };
    }

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public DispatchBreaker Moved(TimeSpan by) => this with
    {
        LastSuccess = LastSuccess is { } last ? (last.At.Moved(by), last.Worker) : null,
        Hold = Hold is { } hold ? hold with { Until = hold.Until.Moved(by) } : null,
        ProvisionedAt = ProvisionedAt.Moved(by),
    };

    /// <summary>True when a worker is to be replaced for its failures: at least two in a row, while another worker succeeded after the
    /// first of them; or so many on the only worker that was tried that another one has to tell whether they are the pool's.</summary>
    /// <param name="failures">Its consecutive failures.</param>
    /// <param name="since">When the first of them was.</param>
    public bool AreOwn(string worker, int failures, DateTimeOffset? since) =>
        (failures >= 2 && LastSuccess is { } success && success.Worker != worker && success.At > since)
        || (failures >= FailuresOfOnly && Workers.Count == 1 && Workers.Contains(worker));
}
