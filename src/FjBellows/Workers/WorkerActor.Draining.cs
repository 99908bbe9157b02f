using Akka.Actor;
using Akka.Event;
using FjBellows.Dispatch;
using static FjBellows.Workers.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>Before the end: the kill mark, and the last question whether a runner lives.</summary>
internal sealed partial class WorkerActor
{
    private long _proof;
    private DispatchId? _stray;
    private DateTimeOffset? _keepUntil;

    private void ReceiveDraining()
    {
        Command<SettingsChanged>(_ =>
        {
            if (_state.Phase is WorkerPhase.Idle or WorkerPhase.Busy)
            {
                ArmTeardownDeadline();
                ArmRuntime();
                Report();
            }
        });
        Command<Drain>(m =>
        {
            if (_state.Phase is WorkerPhase.Idle or WorkerPhase.Busy)
            {
                BeginDrain(m.Reason.ToString());
            }
            else if (_state.Phase == WorkerPhase.Provisioning)
            {
                BeginRemoval(m.Reason.ToString());
            }
            else if (_state.Phase is null)
            {
                _unwanted = m.Reason.ToString();
            }
        });
        Command<KeepInReserve>(m => _keepUntil = m.Until);
        Command<TeardownDeadlineDue>(_ => OnTeardownDeadline());
        Command<ProofDue>(m =>
        {
            if (m.Round == _proof && _state is { Phase: WorkerPhase.Draining, Current: null } && _stray is null)
            {
                // It was asked for long enough, and its journal says that it has no job: the boundary does not wait.
                BeginRemoval(_state.Why);
            }
        });
        Command<Inspected>(m => FromSession(() =>
        {
            if (m.Round == _proof)
            {
                Judge(m.Processes);
            }
        }));
        Command<StrayDue>(m =>
        {
            if (_stray == m.Dispatch)
            {
                // A link that is down loses the word: it is said until the process is gone.
                _session?.Tell(new Signal(m.Dispatch, RunnerSignal.Kill));
                Timers.StartSingleTimer(nameof(StrayDue), m, KillAgain);
            }
        });
    }

    private void ArmTeardownDeadline()
    {
        if (_state.Phase == WorkerPhase.Idle && _state.TeardownDeadline(_pool.Billing, _pool.Settings.Teardown, Now) is { } mark)
        {
            var left = mark - Now;
            Timers.StartSingleTimer(nameof(TeardownDeadlineDue), TeardownDeadlineDue.Instance, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void OnTeardownDeadline()
    {
        if (_state.Phase != WorkerPhase.Idle || _state.TeardownDeadline(_pool.Billing, _pool.Settings.Teardown, Now) is not { } mark)
        {
            return;
        }

        if (mark > Now)
        {
            ArmTeardownDeadline();
            return;
        }

        if (RenewUntil(mark) is { } renewed)
        {
            Record(
                () =>
                {
                    Report();
                    ArmTeardownDeadline();
                },
                new PaidTimeRenewed(Now, renewed));
            return;
        }

        BeginDrain(_pool.Billing.IsLeased
            ? $"idle at {mark:HH:mm:ss 'UTC'}, {_pool.Settings.Teardown.HourMargin} before its paid time ends"
            : $"idle for {_pool.Settings.Teardown.IdleTimeout} (poll.idle_timeout)");
    }

    /// <summary>Until when to go on at the kill mark; null to end. The reserve must be wanted for longer than the margin of the new step,
    /// or it would be paid for nothing.</summary>
    private DateTimeOffset? RenewUntil(DateTimeOffset mark)
    {
        var margin = _pool.Settings.Teardown.HourMargin;
        if (_keepUntil is not { } until || !IsUsable)
        {
            return null;
        }

        if (!_pool.Billing.IsLeased)
        {
            return until > Now ? until : null;
        }

        var end = mark + margin;
        return until - margin > end ? end + _pool.Billing.Granularity : null;
    }

    private void BeginDrain(string why) => Record(
        () =>
        {
            Timers.Cancel(nameof(TeardownDeadlineDue));
            Report();
            if (_state.Current is null)
            {
                ProveIdle();
            }
        },
        new DrainStarted(Now, why));

    /// <summary>Asks the worker whether a runner process lives, before it is deleted (invariant W10).</summary>
    private void ProveIdle()
    {
        var round = ++_proof;
        if (_linked)
        {
            _session?.Tell(new Inspect(round));
        }

        Timers.StartSingleTimer(nameof(ProofDue), new ProofDue(round), Timeouts.IdleProof);
    }

    private void Judge(IReadOnlyList<RunnerProcess> processes)
    {
        if (_state is not { Phase: WorkerPhase.Draining, Current: null })
        {
            return;
        }

        if (processes.FirstOrDefault(p => p.Alive) is not { } alive)
        {
            BeginRemoval(_state.Why);
            return;
        }

        Timers.Cancel(nameof(ProofDue));
        _session?.Tell(new Follow(alive.Dispatch));
        if (_stray == alive.Dispatch)
        {
            return; // Its time runs already.
        }

        _log.Warning("worker {Worker}: a runner process ({Dispatch}) lives on it although it was thought idle; its deletion waits for it (W10)", _name, alive.Dispatch);
        _stray = alive.Dispatch;
        if (Timeouts.MaxJobRuntime > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(nameof(StrayDue), new StrayDue(alive.Dispatch), Timeouts.MaxJobRuntime);
        }
    }

    private sealed record TeardownDeadlineDue
    {
        public static readonly TeardownDeadlineDue Instance = new();
    }

    private sealed record ProofDue(long Round);

    private sealed record StrayDue(DispatchId Dispatch);
}
