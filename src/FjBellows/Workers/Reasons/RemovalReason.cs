namespace FjBellows.Workers.Reasons;

/// <summary>Why a worker takes no more jobs and is deleted. A closed set: <see cref="Code"/> is what programs compare and what is journaled
/// beside the text; <see cref="RemovalReasonText"/> renders all of them.</summary>
public abstract record RemovalReason
{
    private RemovalReason(string code) => Code = code;

    /// <summary>The reason's name in snake_case; it never changes.</summary>
    public string Code { get; }

    /// <inheritdoc />
    public sealed override string ToString() => RemovalReasonText.Of(this);

    /// <summary>It was idle at its teardown deadline: the margin before its billing period ends (invariant B2).</summary>
    /// <param name="At">The deadline.</param>
    /// <param name="Margin">How long before the end of the period that is.</param>
    public sealed record TeardownDeadline(DateTimeOffset At, TimeSpan Margin) : RemovalReason("teardown_deadline");

    /// <summary>It was idle for as long as workers that are billed by the second may be (invariant B4).</summary>
    /// <param name="After">That time.</param>
    public sealed record IdleTimeout(TimeSpan After) : RemovalReason("idle_timeout");

    /// <summary>Its job ended after its teardown deadline (invariant B3).</summary>
    public sealed record InsideMargin(DateTimeOffset Deadline) : RemovalReason("inside_margin");

    /// <summary>It did not become ready in time (invariant W5).</summary>
    /// <param name="Limit">The time it had.</param>
    /// <param name="Detail">The last thing it answered.</param>
    public sealed record BootTimedOut(TimeSpan Limit, string Detail) : RemovalReason("boot_timed_out");

    /// <summary>Its bootstrap reported a failure.</summary>
    /// <param name="Detail">What it said.</param>
    public sealed record BootstrapFailed(string Detail) : RemovalReason("bootstrap_failed");

    /// <summary>It showed another host key than the pinned one after it had been ready (invariant S1).</summary>
    /// <param name="Detail">What was seen.</param>
    public sealed record HostKeyMismatch(string Detail) : RemovalReason("host_key_mismatch");

    /// <summary>Workers of its pool take one job, and its runner was started (invariant J11).</summary>
    public sealed record SingleUse() : RemovalReason("single_use");

    /// <summary>What a job left on it could not be removed (invariant W16).</summary>
    /// <param name="Detail">The last error.</param>
    public sealed record CleanUpFailed(string Detail) : RemovalReason("clean_up_failed");

    /// <summary>It was disconnected, or connected and not ready, for too long.</summary>
    /// <param name="For">How long.</param>
    /// <param name="Detail">The last error.</param>
    public sealed record ConnectionLost(TimeSpan For, string Detail) : RemovalReason("connection_lost");

    /// <summary>The cloud does not have its instance any more (invariant W11).</summary>
    public sealed record InstanceMissing() : RemovalReason("instance_missing");

    /// <summary>A process on it outlived every attempt to end it (invariant J12).</summary>
    /// <param name="Dispatch">The process.</param>
    /// <param name="Detail">Why it had to end, and what was tried.</param>
    public sealed record HardEnd(string Dispatch, string Detail) : RemovalReason("hard_end");

    /// <summary>A runner process that the journal does not know lives on it (invariant W13).</summary>
    /// <param name="Dispatch">The process.</param>
    public sealed record StrayProcess(string Dispatch) : RemovalReason("stray_process");

    /// <summary>An operator drained it.</summary>
    public sealed record DrainedByOperator(string By) : RemovalReason("drained_by_operator");

    /// <summary>An operator deleted it.</summary>
    public sealed record RequestedByOperator(string By) : RemovalReason("requested_by_operator");

    /// <summary>Its pool is being drained because the daemon stops.</summary>
    public sealed record PoolDrained() : RemovalReason("pool_drained");

    /// <summary>An instance of ours that no journal knows (invariant O2).</summary>
    /// <param name="Listings">In how many listings it was seen.</param>
    /// <param name="Since">When it was seen first.</param>
    public sealed record Orphaned(int Listings, DateTimeOffset Since) : RemovalReason(ReasonCode)
    {
        /// <summary>Its code: a worker's journal tells an adopted orphan by it.</summary>
        internal const string ReasonCode = "orphaned";
    }

    /// <summary>Dispatches failed on it in a row for reasons of its own (invariants W9, W17).</summary>
    /// <param name="Failures">How many.</param>
    public sealed record RepeatedFailures(int Failures) : RemovalReason("repeated_failures");

    /// <summary>The pool that it belongs to has another owner or is not configured any more (invariant O6).</summary>
    /// <param name="Detail">What differs.</param>
    public sealed record PoolRemoved(string Detail) : RemovalReason("pool_removed");

    /// <summary>It has too little free disk for another job, after pruning (invariant W21).</summary>
    /// <param name="Detail">What is left and what is needed.</param>
    public sealed record LowDisk(string Detail) : RemovalReason("low_disk");
}
