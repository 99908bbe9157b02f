using System.Collections.Immutable;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>One record of every kept type, with every field filled.</summary>
internal static class JournalSamples
{
    public static readonly DateTimeOffset At = new(2026, 3, 1, 12, 30, 15, 250, TimeSpan.Zero);

    private static readonly Assignment Assigned = new(
        new DispatchId("ci-k3v9-2"),
        new QueuedJob(982, 2, "0b6f2c1e-handle", 3, 4, "build \"all\"", Words("docker", "arm64"), JobStatus.Waiting, 0),
        At.AddMinutes(1),
        Warm: true,
        RunnerId: 55,
        RunnerUuid: "u-55",
        StartedAt: At.AddMinutes(2));

    public static IReadOnlyDictionary<string, object> All { get; } = new Dictionary<string, object>
    {
        ["w.intended.1"] = new WorkerIntended(At, "default", "ci-k3v9", "ssh-ed25519 AAAAC3Nza", "job 982 waits"),
        ["w.instance-created.1"] = new InstanceCreated(
            At, new InstanceId("12345"), At.AddSeconds(-3), Words("192.0.2.7", "2001:db8::7"), "eu-central g6-nanode-1", 0.0075m,
            Adopted: true),
        ["w.addresses-learned.1"] = new AddressesLearned(At, Words("192.0.2.7")),
        ["w.host-key-pinned.1"] = new HostKeyPinned(At, "ssh-ed25519 AAAAC3Nza"),
        ["w.became-ready.1"] = new WorkerBecameReady(At, "forgejo-runner 12.8.2"),
        ["w.job-assigned.1"] = new JobAssigned(At, Assigned),
        ["w.runner-registered.1"] = new RunnerRegistered(At, 55, "u-55"),
        ["w.job-started.1"] = new JobStarted(At),
        ["w.job-aged.1"] = new JobAged(At, TimeSpan.FromMinutes(90)),
        ["w.moments-corrected.1"] = new MomentsCorrected(At, At.AddMinutes(-50), At.AddMinutes(-5), null),
        ["w.job-ended.1"] = new JobEnded(At, OutcomeKind.NoTask, 2, "no task received"),
        ["w.paid-time-renewed.1"] = new BillingRenewed(At, At.AddHours(1)),
        ["w.drain-started.1"] = new DrainStarted(At, "its paid hour ends"),
        ["w.removal-started.1"] = new RemovalStarted(At, "idle at its kill mark"),
        ["w.instance-gone.1"] = new InstanceGone(At, "the cloud answers 404"),
        ["w.state.1"] = new WorkerState
        {
            Phase = WorkerPhase.Busy,
            PlannedAt = At,
            PlannedWhy = "job 982 waits",
            HostKey = "ssh-ed25519 AAAAC3Nza",
            InstanceId = new InstanceId("12345"),
            KnownAt = At.AddSeconds(5),
            CreatedAt = At.AddSeconds(-3),
            Addresses = Words("192.0.2.7"),
            Placement = "eu-central g6-nanode-1",
            HourlyPrice = 0.0075m,
            ReadyAt = At.AddMinutes(1),
            IdleSince = At.AddMinutes(1),
            Current = Assigned,
            LastEnded = new EndedDispatch(Assigned, OutcomeKind.Completed, At.AddMinutes(3), 0, ""),
            Dispatches = 2,
            JobsRun = 1,
            OwnFailures = 1,
            Busy = TimeSpan.FromSeconds(61.5),
            PhaseSince = At.AddMinutes(4),
            Why = "runs build",
        },
        ["p.worker-planned.1"] = new WorkerPlanned(At, "ci-k3v9", "job 982 waits"),
        ["p.worker-ended.1"] = new WorkerEnded(At, "ci-k3v9"),
        ["p.worker-purged.1"] = new WorkerPurged(At, "ci-k3v9"),
        ["p.paused.1"] = new PoolPaused(At, "alice"),
        ["p.resumed.1"] = new PoolResumed(At, "alice"),
        ["p.state.1"] = new PoolJournalState
        {
            Live = ImmutableDictionary<string, PlannedWorker>.Empty.Add("ci-k3v9", new PlannedWorker(At, "job 982 waits")),
            Ended = ImmutableDictionary<string, DateTimeOffset>.Empty.Add("ci-Old1", At.AddHours(-1)),
            Remembered = ImmutableDictionary<string, DateTimeOffset>.Empty.Add("ci-old0", At.AddHours(-2)),
            PausedBy = "alice",
        },
        ["h.outcome.1"] = Outcome("default", "ci-k3v9-2", At.AddMinutes(3)),
        ["h.ledger.1"] = Ledger("default", "ci-k3v9", At.AddHours(1)),
        ["h.notice.1"] = new PoolNotice("default", At, NoticeKind.JobDispatched, "build goes to ci-k3v9", "ci-k3v9", 982),
        ["h.pool-identity.1"] = new PoolIdentity(
            "default", "fjb-0123456789abcdef", "ci", "linode", "a1b2", "https://forgejo.example.com/", "orgs/acme"),
    };

    public static DispatchOutcome Outcome(string pool, string dispatch, DateTimeOffset endedAt, string detail = "") =>
        new(pool, "ci-k3v9", Assigned with { Dispatch = new DispatchId(dispatch) }, OutcomeKind.Lost, endedAt, null, detail);

    public static WorkerLedger Ledger(string pool, string worker, DateTimeOffset goneAt, string end = "its paid hour ended") => new(
        pool,
        worker,
        "12345",
        "eu-central g6-nanode-1",
        At,
        At.AddSeconds(-3),
        At.AddMinutes(1),
        goneAt,
        TimeSpan.FromSeconds(61.5),
        TimeSpan.FromHours(1),
        0.0075m,
        2,
        0,
        "job 982 waits",
        end);

    /// <summary>A list of the type that JSON is read into, so that equivalence can be asked for.</summary>
    private static List<string> Words(params string[] words) => [.. words];
}
