using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Plans at the end of each turn, and turns the plan into effects.</summary>
internal static class PlanTurn
{
    // An outage of Forgejo that is longer ends the reserve.
    private static readonly TimeSpan BlindAfter = TimeSpan.FromHours(1);

    // What follows from time alone wakes the pool by itself; it plans again after that long in any case.
    private static readonly TimeSpan PlanHolds = TimeSpan.FromSeconds(5);

    /// <summary>Plans and carries the plan out. An unchanged listing needs no new plan: a quick poll would else cost one a
    /// second.</summary>
    public static void Run(Turn t)
    {
        if (t.NothingNew && t.Now - t.Known.PlannedAt is var age && age >= TimeSpan.Zero && age < PlanHolds)
        {
            return;
        }

        t.Known = t.Known with { Hold = HoldOf(t) };
        if (t.Known.JobsAt is null)
        {
            return;
        }

        var stale = QueueStale(t);
        var reserve = ReserveOf(t);
        var plan = PoolPlanner.Plan(InputOf(t, stale, reserve));
        foreach (var dispatch in plan.Dispatches)
        {
            Dispatch(t, dispatch);
        }

        if (t.Pool.JournalHealth.Hold is not null || (plan.Provisions.Count > 0 && !t.Pool.JournalHealth.IsProven(t.Now)))
        {
            RecordTurns.Probe(t);
        }
        else if (plan.Provisions.Count > 0)
        {
            Provision(t, plan.Provisions, uncounted: false);
        }

        if (stale is null || IsBlind(t))
        {
            // An outage that passes ends no reserve.
            KeepReserve(t, plan, reserve.Until);
        }

        t.Known = t.Known with { Plan = plan, PlannedAt = t.Now };
        Report(t, plan);
        Wake(t, plan, reserve);
        AdaptCadence(t);
    }

    /// <summary>Why nothing at all is started; null while things are.</summary>
    public static WaitReason? Stopped(Turn t) =>
        t.Known.Awaited is > 0 and var awaited ? new WaitReason.Recovering(awaited)
        : t.Known.Drain is not null ? new WaitReason.Stopping()
        : t.Journal.PausedBy is { } by ? new WaitReason.Paused(by)
        : t.Pool.JournalHealth.Hold;

    /// <summary>Why nothing is provisioned now; null when something may be.</summary>
    public static ProvisioningHold? HoldOf(Turn t) =>
        t.Known.Provisioning.HoldAt(t.Now)
        ?? t.Known.Network.Hold
        ?? (ProvisioningHold?)t.Known.Dispatching.HoldAt(t.Now, Probing(t.Known))
        ?? Cost(t).HoldAt(t.Settings.Max, t.Now);

    /// <summary>Writes the names down before anything is created (invariant W2).</summary>
    /// <param name="provisions">The workers.</param>
    /// <param name="uncounted">True for workers that an operator asked for: the bound on cost is about the pool's own decisions.</param>
    public static void Provision(Turn t, IReadOnlyList<PlannedProvision> provisions, bool uncounted)
    {
        WorkerPlanned[] events =
        [
            .. provisions
                .Select(p => new WorkerPlanned(
                    t.Now, t.Pool.Ports.Names.Next(t.Settings.Ownership.Tag), p.Reason.ToString()) { Uncounted = uncounted }),
        ];
        t.Persist(
            then =>
            {
                then.Known = then.Known with
                {
                    Provisioning = then.Known.Provisioning.Planned(then.Now),
                    Dispatching = then.Known.Dispatching.Planned(then.Now),
                };
                foreach (var (planned, provision) in events.Zip(provisions))
                {
                    Begin(then, planned, provision, uncounted);
                }

                NetworkTurns.FollowWorkers(then);
            },
            [.. events]);
    }

    private static void Begin(Turn t, WorkerPlanned planned, PlannedProvision provision, bool asked)
    {
        var totals = t.Known.Totals;
        totals = totals with { WorkersPlanned = totals.WorkersPlanned + 1, WorkersAskedFor = totals.WorkersAskedFor + (asked ? 1 : 0) };
        var worker = new KnownWorker
        {
            Name = planned.Worker,
            Runs = true,
            PhaseSince = planned.At,
            View = new WorkerView { Name = planned.Worker, Phase = WorkerPhase.Provisioning, PlannedAt = planned.At, Why = planned.Why },
        };
        t.Known = t.Known.With(worker) with { Totals = totals };
        t.Do(new PoolEffect.Spawn(planned.Worker, Resumed: false, new Provision(planned.Why)));
        t.Notice(
            NoticeKind.WorkerPlanned, provision.Reason.Code, "provisioning {Worker}: {Reason}", [planned.Worker, planned.Why],
            planned.Worker, provision.Job?.Id);
    }

    private static PlanInput InputOf(Turn t, WaitReason? stale, Reserve reserve)
    {
        var (known, now, settings) = (t.Known, t.Now, t.Settings);
        var provisioning = known.Views.Count(v => v.Phase == WorkerPhase.Provisioning);
        var notCreated = known.Views.Count(v => v is { Phase: WorkerPhase.Provisioning, InstanceId: null });
        var starting = known.Workers.Values.Count(w => w.Assigning is not null || w.View?.Current is { StartedAt: null });
        var most = Math.Min(known.Provisioning.Most(now, provisioning, notCreated), Cost(t).Most(settings.Max, now));
        most = known.Hold is not null ? 0 : known.Dispatching.Hold is null ? most : Math.Min(most, 1);
        return new PlanInput
        {
            Now = now,
            Labels = settings.Labels,
            Max = settings.Max,
            Jobs = known.Jobs.Values,
            ObservedAt = known.JobsAt ?? DateTimeOffset.MinValue,
            Workers = [.. known.Workers.Values],
            Policy = PolicyOf(t, reserve),
            Stopped = Stopped(t) ?? stale,
            MostDispatches = known.Dispatching.MostDispatches(now, starting),
            DispatchHold = known.Dispatching.Hold,
            MostProvisions = most,
            ProvisionHold = known.Hold ?? known.Provisioning.Last,
        };
    }

    private static IProvisioningPolicy PolicyOf(Turn t, Reserve reserve)
    {
        var terms = new WorkerTerms(t.Pool.Billing, t.Settings.Teardown.HourMargin, t.Settings.SingleUse);
        IProvisioningPolicy policy = t.Settings.Waiting.ProvisionsAtOnce
            ? ProvisionAtOnce.Instance
            : new ProvisionInTime(t.Settings.Waiting, t.Memory.Learned, terms);
        return reserve.Count > 0 ? new KeepReserve(policy, reserve, terms) : policy;
    }

    private static CostBound Cost(Turn t)
    {
        var ran = t.Known.Views.Sum(v => v.JobsRun + (v.HadTask ? 1 : 0));
        return new CostBound(t.Journal.CountedSince ?? t.Now, t.Journal.CreatedBy(t.Now) - t.Known.Forgiven, t.Journal.JobsRun + ran)
        {
            Hour = t.Settings.BillingHour ?? TimeSpan.FromHours(1),
        };
    }

    /// <summary>What an operator's reconcile forgives: as much as lets the pool begin again.</summary>
    public static int Forgiveness(Turn t)
    {
        var cost = Cost(t);
        var hours = (int)Math.Min(int.MaxValue / 2, Math.Max(0, (t.Now - cost.Since) / cost.Hour));
        return t.Known.Forgiven + Math.Max(0, cost.Created - cost.JobsRun - hours);
    }

    private static int Probing(Known known) =>
        known.Workers.Values.Count(
            w => w is
            {
                Runs: true,
                View: { Phase: WorkerPhase.Provisioning } or { Phase: WorkerPhase.Idle, Usable: true } or { Current.StartedAt: null }
            });

    /// <summary>An old view of the queue is not acted upon: what Forgejo does not list it does not register runners for either.</summary>
    private static WaitReason.QueueStale? QueueStale(Turn t) =>
        t.Known.Sources[PoolSource.Jobs] is { LastSuccess: { } last, Error: { } error } jobs && jobs.IsStale(t.Now)
            ? new WaitReason.QueueStale(last, error)
            : null;

    private static bool IsBlind(Turn t) =>
        t.Known.Sources[PoolSource.Jobs] is { Error: not null, LastSuccess: { } last } && t.Now - last > BlindAfter;

    private static Reserve ReserveOf(Turn t) =>
        Stopped(t) is null && !IsBlind(t) && t.Settings.Reserve is { } schedule ? schedule.At(t.Now) : Reserve.None;

    private static void Dispatch(Turn t, PlannedDispatch dispatch)
    {
        var (job, view) = (dispatch.Job, dispatch.Worker.View!);
        t.Change(view.Name, w => w with { Assigning = job.Key });
        var warm = view.JobsRun > 0 || view.ReadyAt <= job.FirstSeen;
        t.Notice(NoticeKind.JobDispatched, "dispatched", "dispatched {Job} to {Worker}", [job.Job, view.Name], view.Name, job.Job.Id);
        t.Tell(view.Name, new Assign(job.Job, warm, job.FirstSeen));
    }

    /// <summary>Lets idle workers of the reserve begin another billing period, and the others not. That holds for two periods at most: a
    /// pool that no longer plans keeps nothing alive for long.</summary>
    private static void KeepReserve(Turn t, PoolPlan plan, DateTimeOffset until)
    {
        var period = t.Pool.Billing.IsLeased ? t.Pool.Billing.Granularity : t.Settings.Teardown.IdleTimeout;
        var horizon = until - t.Now > period * 2 ? t.Now + (period * 2) : until;
        foreach (var name in plan.Kept)
        {
            if (t.Known.Find(name) is { } worker && (worker.KeptUntil is not { } kept || horizon < kept || horizon - kept > period / 4))
            {
                t.Change(name, w => w with { KeptUntil = horizon });
                t.Tell(name, new KeepInReserve(horizon));
            }
        }

        foreach (var worker in t.Known.Workers.Values.Where(w => w.KeptUntil is not null && !plan.Kept.Contains(w.Name)))
        {
            t.Change(worker.Name, w => w with { KeptUntil = null });
            t.Tell(worker.Name, new KeepInReserve(null));
        }
    }

    /// <summary>Reports each job's reason for waiting once.</summary>
    private static void Report(Turn t, PoolPlan plan)
    {
        var jobs = t.Known.Jobs;
        foreach (var wait in plan.Waits)
        {
            if (wait.Job.Told != wait.Reason.Code && jobs.TryGetValue(wait.Job.Key, out var job))
            {
                jobs = jobs.SetItem(wait.Job.Key, job with { Told = wait.Reason.Code });
                t.Do(new PoolEffect.Announce(
                    NoticeKind.JobWaits, wait.Reason.Code, "{Job} waits: {Reason}", [wait.Job.Job, wait.Reason], null, wait.Job.Job.Id));
            }
        }

        t.Known = t.Known with { Jobs = jobs };
    }

    /// <summary>A hold on a job, on provisioning or on the journal ends at its time, and a plan follows then, though nothing else may
    /// happen.</summary>
    private static void Wake(Turn t, PoolPlan plan, Reserve reserve)
    {
        var wake = plan.WakeAt;
        if (plan.Waits.Count > 0 || reserve.Count > 0)
        {
            wake = PoolPlanner.Earliest(wake, t.Known.Hold?.RetryAt);
            wake = PoolPlanner.Earliest(wake, t.Known.Dispatching.Hold is { } hold && hold.Until > t.Now ? hold.Until : null);
            foreach (var worker in t.Known.Workers.Values)
            {
                wake = worker.DisconnectedSince + KnownWorker.DisconnectedLimit is { } limit && limit > t.Now
                    ? PoolPlanner.Earliest(wake, limit)
                    : wake;
            }
        }

        wake = PoolPlanner.Earliest(wake, t.Pool.JournalHealth.Hold?.RetryAt);
        wake = PoolPlanner.Earliest(wake, reserve.Until < DateTimeOffset.MaxValue ? reserve.Until : null);
        if (wake is { } at && at > t.Now)
        {
            t.Do(new PoolEffect.Later(nameof(WakeUp), WakeUp.Instance, at - t.Now));
        }
    }

    private static void AdaptCadence(Turn t)
    {
        var views = t.Known.Views.ToArray();

        // An idle worker is billed anyway, which makes a fresh view of the queue worth its request: the next job starts at once.
        var cadence = new PoolCadence(
            views.Any(v => v.Phase == WorkerPhase.Idle), views.Any(v => v.Current is not null),
            views.Length > 0 || !t.Known.Orphans.Unknown.IsEmpty);
        var before = t.Known.Cadence;
        t.Known = t.Known with { Cadence = cadence };
        Tell(PoolSource.Jobs, before.Jobs, cadence.Jobs);
        Tell(PoolSource.Runners, before.Runners, cadence.Runners);
        Tell(PoolSource.Instances, before.Instances, cadence.Instances);

        void Tell(PoolSource source, bool was, bool now)
        {
            if (was != now)
            {
                t.Do(new PoolEffect.TellObserver(source, new ObserverActor.Cadence(now)));
            }
        }
    }
}

/// <summary>It is time for another plan.</summary>
internal sealed record WakeUp
{
    public static readonly WakeUp Instance = new();
}
