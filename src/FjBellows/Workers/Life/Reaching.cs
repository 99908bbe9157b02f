using FjBellows.Dispatch;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>The connection to the worker, as its session reports it (invariants S1, S2, W13, W14, W20).</summary>
internal static class Reaching
{
    private static readonly TimeSpan AskAddressAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAddressAgain = TimeSpan.FromSeconds(5);

    /// <summary>Opens a session, or another one for other addresses; asks the cloud for addresses where there are none yet.</summary>
    public static Step Open(Worker w, Moment at)
    {
        var reach = w.Reach with { Linked = false, Proven = false };
        return w.State.Addresses.Count == 0
            ? Step.Of(w with { Reach = reach with { AskAddressAt = at.Elapsed + AskAddressAfter } }).Do(new Effect.CloseSession())
            : Step.Of(w with { Reach = reach with { AskAddressAt = null } }).Do(new Effect.OpenSession(
                new WorkerEndpoint(w.Name, w.State.InstanceId!.Value.Value, w.State.Addresses, w.State.HostKey),
                w.State.Current?.Dispatch));
    }

    public static Step AskAddress(Worker w) =>
        Step.Of(w with { Reach = w.Reach with { AskAddressAt = null } }).Do(new Effect.GetInstance());

    /// <summary>The cloud's answer to a query by id: for the addresses, or about an absence (W11).</summary>
    public static Step Answered(Worker w, InstanceAnswered m, Moment at) =>
        w.Absences.Asked ? Absence.Answered(w, m, at)
        : m.Instance is { Addresses.Count: > 0 } instance ? Learn(w, instance.Addresses, at)
        : w.State is { Addresses.Count: 0, InstanceId: not null } && w.Phase is not (WorkerPhase.Removing or WorkerPhase.Removed)
            ? Step.Of(w with { Reach = w.Reach with { AskAddressAt = at.Elapsed + AskAddressAgain } })
        : Step.Of(w);

    /// <summary>The addresses became known, or changed while the worker is not reached.</summary>
    public static Step Learn(Worker w, IReadOnlyList<string> addresses, Moment at) =>
        addresses.Count == 0 || w.Reach.Linked || w.Phase is WorkerPhase.Removing or WorkerPhase.Removed
            || w.State.Addresses.SequenceEqual(addresses, StringComparer.Ordinal)
            ? Step.Of(w)
            : Step.Of(w).Record(at, new AddressesLearned(at.Now, addresses)).Report(at).Then(next => Open(next, at));

    /// <summary>Connected. What follows depends on what the worker says runs on it.</summary>
    public static Step Connected(Worker w, Ready m, Moment at)
    {
        var reached = w with
        {
            Reach = w.Reach with { Linked = true, Proven = m.Proven, ProvenGone = false, Detail = m.Detail },
            Absences = new Absences(),
        };
        var step = Step.Of(reached);
        if (w.State.HostKey is null && m.HostKey is { } key)
        {
            step = step.Record(at, new HostKeyPinned(at.Now, key)).Do(new Effect.Warn(
                "worker {Worker}: no host key could be seeded, so the one that it showed first is trusted and pinned from now on", w.Name));
        }

        return step.Then(next => CleaningUp.AfterEarlier(next, m.Processes)).Then(next => Proceed(next, m, at));
    }

    /// <summary>Connected and not ready: only a bootstrap that says that it failed is final.</summary>
    public static Step NotReadyYet(Worker w, NotReady m, Moment at)
    {
        var next = w with { Reach = w.Reach with { Detail = m.Detail } };
        return m.Failed && w.Phase == WorkerPhase.Provisioning
            ? Deleting.Begin(next, new RemovalReason.BootstrapFailed(m.Detail), at)
            : Step.Of(next);
    }

    /// <summary>Not connected any more, or not yet. Another host key is final only after readiness (W20); until then the image may not have
    /// ours yet.</summary>
    public static Step Lost(Worker w, Down m, Moment at)
    {
        var mismatch = m.Kind == SessionErrorKind.HostKeyMismatch;
        var detail = mismatch
            ? $"host key mismatch (expected the key pinned for this worker); no credentials were sent: {m.Detail}"
            : m.Detail;
        var lost = w with
        {
            Reach = w.Reach with { Linked = false, Proven = false, ProvenGone = m.Kind == SessionErrorKind.Gone, Detail = detail },
            CleanUps = CleaningUp.Interrupted(w),
            Job = w.Job is { LaunchAt: not null } job ? job with { LaunchAt = null } : w.Job,
        };
        if (mismatch && (w.Phase == WorkerPhase.Idle || (w is { Phase: WorkerPhase.Draining, State.Current: null })))
        {
            return Deleting.Begin(lost, new RemovalReason.HostKeyMismatch(m.Detail), at);
        }

        return w.Reach.Linked
            ? Step.Of(lost).Report(at).Do(new Effect.Warn("worker {Worker}: connection lost: {Detail}; reconnecting", w.Name, m.Detail))
            : Step.Of(lost);
    }

    /// <summary>It was unusable for too long. An idle worker drains; a job on it is lost (W14); a process that no journal knows is given
    /// up.</summary>
    public static Step GiveUp(Worker w, Moment at)
    {
        if (w.Phase == WorkerPhase.Idle)
        {
            return Retiring.Begin(w, new RemovalReason.ConnectionLost(at.Timeouts.IdleConnectionLoss, w.Reach.Detail), at);
        }

        var reason = new RemovalReason.ConnectionLost(at.Timeouts.BusyConnectionLoss, w.Reach.Detail);
        return w.State.Current is null
            ? Deleting.Begin(w, reason, at)
            : Serving.End(w, new Outcome(OutcomeKind.Lost, OutcomeCause.ConnectionAbsent, null, reason.ToString(), reason), at);
    }

    private static Step Proceed(Worker w, Ready m, Moment at) => w.Phase switch
    {
        WorkerPhase.Provisioning or WorkerPhase.Idle when !m.Proven => Step.Of(w).Do(new Effect.ToSession(CheckReady.Instance)),
        WorkerPhase.Provisioning => Creating.BecameReady(w, m.Detail, at),
        WorkerPhase.Idle when m.Processes.FirstOrDefault(p => p.Alive) is { } stray =>
            Retiring.Begin(w, new RemovalReason.StrayProcess(stray.Dispatch.Value), at),
        WorkerPhase.Idle => Step.Of(w).Report(at),
        WorkerPhase.Busy or WorkerPhase.Draining when w.State.Current is not null =>
            Step.Of(w).Report(at).Then(next => Serving.Reattach(next, m.Processes, at)),
        WorkerPhase.Draining => Retiring.Inspected(w, m.Processes, at),
        _ => Step.Of(w),
    };
}
