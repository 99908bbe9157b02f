using System.Globalization;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Renders every reason of the pool as text for people. Nothing reads these sentences back: programs use the codes.</summary>
public static class ReasonText
{
    /// <summary>Why a job waits.</summary>
    public static string Of(WaitReason reason) => reason switch
    {
        WaitReason.Recovering r => $"waiting for {Count(r.Workers, "worker")} known from before the restart to report",
        WaitReason.Stopping => "the daemon is stopping",
        WaitReason.Paused r => $"paused by {r.By}",
        WaitReason.JournalUnavailable r => $"the journal cannot be written, next try at {Time(r.RetryAt)}: {r.Cause}",
        WaitReason.QueueStale r => $"the queue was last read at {Time(r.Since)}: {r.Cause}",
        WaitReason.BackingOff r =>
            $"backing off until {Time(r.Until)}: {Count(r.Failures, "failed dispatch", "failed dispatches")}, last: {r.Cause}",
        WaitReason.NotHandedOut r =>
            $"Forgejo lists this job and gave no task for it ({Count(r.Attempts, "attempt")}); no worker is provisioned for it, " +
            $"an idle one tries again after {Time(r.Until)}. " +
            "Usual causes: a concurrency group, Actions switched off in the repository, a transferred repository, another runner",
        WaitReason.StillListed r =>
            $"backing off until {Time(r.Until)}: it ended {Count(r.Times, "time")}, and Forgejo still lists it as waiting",
        WaitReason.DispatchSuspended r => Of(r.Hold),
        WaitReason.ProvisioningWorker { Workers: <= 1 } => "a worker is being provisioned for this job",
        WaitReason.ProvisioningWorker r => $"{r.Workers} workers are provisioning, one of them for this job",
        WaitReason.AtMaximum { Deleting: > 0 } r =>
            $"scale.max ({r.Max}) reached: {r.Deleting} {(r.Deleting == 1 ? "is" : "are")} being deleted since {Time(r.DeletingSince)}, " +
            $"the others are busy",
        WaitReason.AtMaximum r => $"scale.max ({r.Max}) reached, all workers are busy",
        WaitReason.MaximumProvisioning r => $"scale.max ({r.Max}) reached by workers still provisioning; older jobs go first",
        WaitReason.Suspended r => Of(r.Hold),
        WaitReason.Predicted r =>
            (r.Worker is { } worker ? $"{worker} is predicted to be free at " : "a worker is being provisioned, predicted to be free at ") +
            $"{Time(r.StartAt)}; its wait budget lasts until {Time(r.BudgetUntil)}; it {Usual(r.Usual)}",
        WaitReason.Queued r =>
            $"at least {r.Before} jobs are served before it; " +
            $"{(r.Beyond is { } beyond ? Of(beyond) : "it is predicted to start within its wait budget")}",
        _ => throw new ArgumentException($"wait reason {reason?.GetType().Name} has no text", nameof(reason)),
    };

    /// <summary>Why a worker is provisioned.</summary>
    public static string Of(ProvisionReason reason) => reason switch
    {
        ProvisionReason.UnassignedJobs r => $"{r.Job} waits: {Need(r)}",
        ProvisionReason.WaitBudget r =>
            $"{r.Need.Job} waits: {Need(r.Need)}; " +
            (r.Saved == 0
                ? "no worker is predicted to be free within the wait budgets"
                : $"{r.Saved} fewer than unassigned jobs, every job is predicted to start within its wait budget") +
            (r.WouldBeLate is { } late ? $"; with one less, {late} would start too late" : ""),
        ProvisionReason.ForReserve r => $"{Count(r.Wanted, "idle worker")} wanted {r.Rule}: {r.Idle} idle, {r.Provisioning} provisioning",
        ProvisionReason.Requested r => $"requested by {r.By}",
        _ => throw new ArgumentException($"provision reason {reason?.GetType().Name} has no text", nameof(reason)),
    };

    /// <summary>Why nothing is provisioned.</summary>
    /// <param name="hold">The reason.</param>
    public static string Of(ProvisioningHold hold) => hold switch
    {
        ProvisioningHold.CreateBackoff r =>
            $"provisioning backs off until {Time(r.Until)} after {Count(r.Failures, "consecutive failure")} ({Kind(r.Kind)}): {r.Message}",
        ProvisioningHold.CreateRefused r =>
            $"provisioning suspended until the error is fixed and you run 'fj-bellows reconcile' ({Kind(r.Kind)}): {r.Message}",
        ProvisioningHold.NeverReady { IsBreaker: true } r =>
            $"provisioning suspended: {r.Workers} workers in a row did not become ready; one probe an hour, next at {Time(r.Until)}; " +
            $"run 'fj-bellows reconcile' once it is fixed. Last: {r.Message}",
        ProvisioningHold.NeverReady r =>
            $"provisioning backs off until {Time(r.Until)}: {Count(r.Workers, "worker")} did not become ready: {r.Message}",
        ProvisioningHold.DispatchesFail r =>
            $"dispatch and provisioning back off until {Time(r.Until)}: " +
            $"{Count(r.Failures, "consecutive failed dispatch", "consecutive failed dispatches")} on {Count(r.Workers, "worker")} " +
            $"without a success; a probe follows. Last: {r.Message}",
        ProvisioningHold.RegistrationRefused r =>
            $"provisioning suspended until the token may register runners and you run 'fj-bellows reconcile': {r.Message}",
        ProvisioningHold.NetworkUnavailable { Until: { } until } r =>
            $"cannot make the managed network, next try at {Time(until)}: {r.Message}",
        ProvisioningHold.NetworkUnavailable r =>
            $"cannot make the managed network; fix the error and run 'fj-bellows reconcile': {r.Message}",
        ProvisioningHold.CostLimit r =>
            $"provisioning limited to one worker an hour: {Count(r.Created, "instance")} created and {Count(r.JobsRun, "job")} run " +
            $"since {r.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC; next at {Time(r.Until)}; " +
            $"find out why workers end without a job, then run 'fj-bellows reconcile'",
        _ => throw new ArgumentException($"hold {hold?.GetType().Name} has no text", nameof(hold)),
    };

    /// <summary>A number of things.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The thing.</param>
    /// <param name="many">Its plural where it is not formed by an s.</param>
    public static string Count(int count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");

    private static string Need(ProvisionReason.UnassignedJobs r) =>
        $"{Count(r.Unassigned, "unassigned job")}, {Count(r.Provisioning, "worker")} provisioning, {r.Existing}/{r.Max} workers";

    private static string Usual(TimeEstimate usual) => usual.Samples == 0
        ? $"is expected to take {Durations.Text(usual.Median)}"
        : $"usually takes {Durations.Text(usual.Median)}, nine of ten at most {Durations.Text(usual.P90)}";

    private static string Time(DateTimeOffset? at) =>
        at is { } moment ? moment.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : "an unknown time";

    private static string Kind(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.RateLimited => "rate limited",
        CloudErrorKind.CapacityOut => "out of capacity",
        CloudErrorKind.QuotaExceeded => "quota exceeded",
        CloudErrorKind.InvalidConfig => "invalid configuration",
        CloudErrorKind.NotFound => "not found",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
