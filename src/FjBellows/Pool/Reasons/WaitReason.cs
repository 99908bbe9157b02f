namespace FjBellows.Pool;

/// <summary>Why a job waits. A closed set: <see cref="ReasonText"/> renders each case, and <see cref="Code"/> names it for
/// programs.</summary>
public abstract record WaitReason
{
    private WaitReason()
    {
    }

    /// <summary>The case in snake_case. It never changes for a case.</summary>
    public abstract string Code { get; }

    /// <inheritdoc />
    public sealed override string ToString() => ReasonText.Of(this);

    /// <summary>Workers of before a restart have not reported yet.</summary>
    /// <param name="Workers">How many.</param>
    public sealed record Recovering(int Workers) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "recovering";
    }

    /// <summary>The daemon is stopping.</summary>
    public sealed record Stopping : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "stopping";
    }

    /// <summary>An operator paused the pool.</summary>
    public sealed record Paused(string By) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "paused";
    }

    /// <summary>The journal cannot be written.</summary>
    /// <param name="RetryAt">When it is tried again.</param>
    /// <param name="Cause">What the store said.</param>
    public sealed record JournalUnavailable(DateTimeOffset RetryAt, string Cause) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "journal_unavailable";
    }

    /// <summary>The queue was read too long ago to act on it.</summary>
    /// <param name="Since">When the last good answer was requested.</param>
    /// <param name="Cause">Why it cannot be read.</param>
    public sealed record QueueStale(DateTimeOffset Since, string Cause) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "queue_stale";
    }

    /// <summary>Dispatches of this job failed; the next try comes later.</summary>
    /// <param name="Failures">Consecutive failures.</param>
    /// <param name="Cause">What the last one ended with.</param>
    public sealed record BackingOff(DateTimeOffset Until, int Failures, string Cause) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "backing_off";
    }

    /// <summary>Forgejo lists the job and gives no task for it: no worker is provisioned for it.</summary>
    /// <param name="Until">Before that it is not tried on an idle worker either.</param>
    /// <param name="Attempts">Dispatches that got no task.</param>
    public sealed record NotHandedOut(DateTimeOffset Until, int Attempts) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "not_handed_out";
    }

    /// <summary>A dispatch of the job ended, and Forgejo still lists it as waiting.</summary>
    /// <param name="Until">Before that it is not tried again.</param>
    /// <param name="Times">How often that happened in a row.</param>
    public sealed record StillListed(DateTimeOffset Until, int Times) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "still_listed";
    }

    /// <summary>Dispatches fail whatever the worker; all of the pool's back off.</summary>
    /// <param name="Hold">What is known.</param>
    public sealed record DispatchSuspended(ProvisioningHold.DispatchesFail Hold) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "dispatch_suspended";
    }

    /// <summary>A worker is being provisioned.</summary>
    /// <param name="Workers">How many are.</param>
    public sealed record ProvisioningWorker(int Workers) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "provisioning_worker";
    }

    /// <summary>As many workers as allowed exist.</summary>
    /// <param name="Max"><c>scale.max</c>.</param>
    /// <param name="Deleting">Of these, workers being deleted.</param>
    /// <param name="DeletingSince">Since when the oldest of them.</param>
    public sealed record AtMaximum(int Max, int Deleting = 0, DateTimeOffset? DeletingSince = null) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "at_maximum";
    }

    /// <summary>The maximum is reached by workers still provisioning, which serve older jobs.</summary>
    /// <param name="Max"><c>scale.max</c>.</param>
    public sealed record MaximumProvisioning(int Max) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "maximum_provisioning";
    }

    /// <summary>Nothing is provisioned now.</summary>
    public sealed record Suspended(ProvisioningHold Hold) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => Hold.Code;
    }

    /// <summary>A worker is predicted to be free within the wait budget, or as soon as a new one could be.</summary>
    /// <param name="Worker">The worker; null for one that is being provisioned.</param>
    /// <param name="BudgetUntil">When the job's wait budget ends.</param>
    /// <param name="Usual">How long such a job usually takes.</param>
    public sealed record Predicted(string? Worker, DateTimeOffset StartAt, DateTimeOffset BudgetUntil, TimeEstimate Usual) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "predicted";
    }

    /// <summary>So many jobs are served before it that it was not looked at singly.</summary>
    /// <param name="Before">How many at least.</param>
    /// <param name="Beyond">Why no more workers are provisioned; null when it is predicted to start in time.</param>
    public sealed record Queued(int Before, WaitReason? Beyond) : WaitReason
    {
        /// <inheritdoc />
        public override string Code => "queued";
    }
}
