using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Setup;

/// <summary>Everything one pool is told. Durations are longer than zero unless said otherwise.</summary>
public sealed record PoolSettings
{
    /// <summary>The pool's name: letters, digits and hyphens; part of actor paths and journal ids.</summary>
    public required string Name { get; init; }

    /// <summary>The labels whose jobs the pool runs.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The marks of the pool's instances.</summary>
    public required Ownership Ownership { get; init; }

    /// <summary>The owner identities of the deployment's other pools: their instances are not foreign (invariant O7).</summary>
    public IReadOnlySet<string> Siblings { get; init; } = new HashSet<string>();

    /// <summary>The most workers at once; 0 disables provisioning, and existing workers drain.</summary>
    public int Max { get; init; } = 1;

    /// <summary>How long jobs may wait before a worker is created for them.</summary>
    public WaitSettings Waiting { get; init; } = new();

    /// <summary>Which idle workers are wanted beside those that jobs need; null for none.</summary>
    public IReserveSchedule? Reserve { get; init; }

    /// <summary>When idle workers are given up.</summary>
    public TeardownSettings Teardown { get; init; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    /// <summary><c>poll.billing_hour</c>: the step an hourly cloud bills in; null leaves it to the provider.</summary>
    public TimeSpan? BillingHour { get; init; }

    /// <summary>How often the outside world is asked.</summary>
    public PollSettings Poll { get; init; } = new();

    /// <summary>How long things may take before they count as broken.</summary>
    public TimeoutSettings Timeouts { get; init; } = new();

    /// <summary><c>worker.reuse: single</c>: a worker runs one task and ends; false keeps it warm for the next.</summary>
    public bool SingleUse { get; init; }

    /// <summary><c>history.retention</c>: how long ended dispatches and workers are remembered (invariant R7).</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The billing model in force for a provider.</summary>
    /// <param name="provider">The pool's provider.</param>
    public BillingModel BillingOf(ICloudProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return BillingHour is { } hour ? provider.Billing.WithHour(hour) : provider.Billing;
    }
}

/// <summary>How often the outside world is asked.</summary>
public sealed record PollSettings
{
    /// <summary>Poll interval of a quiet queue.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Poll interval while jobs arrive.</summary>
    public TimeSpan BusyInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last observed job the queue counts as busy.</summary>
    public TimeSpan BusyFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between two listings of the registrations while workers are busy; four times as long otherwise.</summary>
    public TimeSpan Runners { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two queries for the own registration of a busy worker, by id (invariant J9).</summary>
    public TimeSpan OwnRunner { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two listings of the instances while there are workers; four times as long otherwise.</summary>
    public TimeSpan Instances { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a single request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How long things may take before they count as broken.</summary>
public sealed record TimeoutSettings
{
    /// <summary>From the create call to the first readiness (invariant W5).</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest a create call may take.</summary>
    public TimeSpan Create { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an instance whose create answer was lost is looked for by name before the create counts as failed.</summary>
    public TimeSpan CreateLookup { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an idle worker may be unreachable before it is given up.</summary>
    public TimeSpan IdleLinkLoss { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a busy worker may be unreachable before its job counts as lost (invariant W14 asks for at least five
    /// minutes).</summary>
    public TimeSpan BusyLinkLoss { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a busy worker's link must be gone before the cloud is believed that its instance is gone too: a link may be away
    /// that long without an end of the job (invariant W14).</summary>
    public TimeSpan BusyAbsence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest a job may run, from its dispatch; zero means no limit (invariant J8).</summary>
    public TimeSpan MaxJobRuntime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long a process may outlive its registration before it is told to end (invariant J9).</summary>
    public TimeSpan CancelNotice { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From SIGTERM to SIGKILL of a process whose registration is gone: it can report nothing any more (invariant J9).</summary>
    public TimeSpan RevokedGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From SIGTERM to SIGKILL of a process that can still report: post steps may run (invariant J8).</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(70);

    /// <summary>How long an unknown instance of ours must be seen before it is destroyed (invariant O2).</summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest an idle worker is asked whether it is truly idle before its deletion goes on (invariant W10).</summary>
    public TimeSpan IdleProof { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first and the longest time a job is held back after a dispatch found no task for it (invariant J7).</summary>
    public BackoffSettings NoTaskHold { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));

    /// <summary>Between retries of a refused deletion (invariant W7).</summary>
    public BackoffSettings DeleteRetry { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    /// <summary>Between create calls after the cloud refused one (invariant R2).</summary>
    public BackoffSettings CreateRetry { get; init; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    /// <summary>Between dials of a worker that does not answer.</summary>
    public BackoffSettings DialRetry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <summary>For how long the outcomes of dispatches and the names of removed workers are kept in memory to judge late observations
    /// by.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>An exponential backoff.</summary>
/// <param name="First">The first wait.</param>
/// <param name="Longest">The longest wait.</param>
public sealed record BackoffSettings(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The wait after a number of failures in a row, doubling from <see cref="First"/> up to <see cref="Longest"/>.</summary>
    /// <param name="failures">Failures so far, from 1.</param>
    public TimeSpan After(int failures)
    {
        var factor = Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        return First.Ticks * factor >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)(First.Ticks * factor));
    }
}
