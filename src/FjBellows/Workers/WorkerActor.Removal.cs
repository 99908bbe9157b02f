using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Dispatch;
using FjBellows.Providers;
using static FjBellows.Workers.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>The end: the kill mark, the last question, the deletion, the proof.</summary>
internal sealed partial class WorkerActor
{
    private long _proof;
    private DispatchId? _stray;
    private bool _deleting;
    private bool _purging;
    private int _deleteFailures;
    private DateTimeOffset? _keepUntil;

    private void ReceiveRemoval()
    {
        Command<SettingsChanged>(_ =>
        {
            if (_state.Phase is WorkerPhase.Idle or WorkerPhase.Busy)
            {
                ArmKillMark();
                ArmRuntime();
                Report();
            }
        });
        Command<Drain>(m =>
        {
            if (_state.Phase is WorkerPhase.Idle or WorkerPhase.Busy)
            {
                BeginDrain(m.Why);
            }
            else if (_state.Phase == WorkerPhase.Provisioning)
            {
                BeginRemoval(m.Why);
            }
        });
        Command<Reap>(m =>
        {
            if (_state.Phase is not (null or WorkerPhase.Removing or WorkerPhase.Removed))
            {
                BeginRemoval(m.Why);
            }
        });
        Command<Condemn>(m =>
        {
            if (_state.Phase is null)
            {
                var i = m.Instance;
                Record(
                    () =>
                    {
                        Report();
                        Delete();
                    },
                    new InstanceCreated(Now, i.Id, i.CreatedAt, i.Addresses, i.Placement, i.HourlyPrice, Adopted: true),
                    new RemovalStarted(Now, m.Why));
            }
        });
        Command<Keep>(m => _keepUntil = m.Until);
        Command<KillMarkDue>(_ => OnKillMark());
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
                _session?.Tell(new Signal(m.Dispatch, RunnerSignal.Kill));
            }
        });
        Command<InstanceMissing>(OnInstanceMissing);
        Command<MissingChecked>(OnMissingChecked);
        Command<DeleteDue>(_ => Delete());
        Command<DeleteAnswered>(OnDeleteAnswered);
        Command<DeleteFailed>(OnDeleteFailed);
        Command<Purge>(_ =>
        {
            if (_state.Phase is null or WorkerPhase.Removed)
            {
                _purging = true;
                DeleteSnapshots(new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue));
                DeleteMessages(LastSequenceNr);
            }
        });
        Command<DeleteMessagesSuccess>(_ => Forgotten());
        Command<DeleteMessagesFailure>(m =>
        {
            if (_purging)
            {
                _log.Warning(m.Cause, "worker {Worker}: its journal could not be deleted; trying again", _name);
                Timers.StartSingleTimer(nameof(Purge), Purge.Instance, Patience.DeleteRetry.Longest);
            }
        });
    }

    private void ArmKillMark()
    {
        if (_state.Phase == WorkerPhase.Idle && _state.KillMark(_pool.Billing, _pool.Settings.Teardown, Now) is { } mark)
        {
            var left = mark - Now;
            Timers.StartSingleTimer(nameof(KillMarkDue), KillMarkDue.Instance, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void OnKillMark()
    {
        if (_state.Phase != WorkerPhase.Idle || _state.KillMark(_pool.Billing, _pool.Settings.Teardown, Now) is not { } mark)
        {
            return;
        }

        if (mark > Now)
        {
            ArmKillMark();
            return;
        }

        if (RenewUntil(mark) is { } renewed)
        {
            Record(
                () =>
                {
                    Report();
                    ArmKillMark();
                },
                new PaidTimeRenewed(Now, renewed));
            return;
        }

        BeginDrain(_pool.Billing.IsLeased
            ? $"idle at {mark:HH:mm:ss}, {_pool.Settings.Teardown.HourMargin} before its paid time ends"
            : $"idle for {_pool.Settings.Teardown.IdleTimeout} (poll.idle_timeout)");
    }

    /// <summary>Until when to go on at the kill mark; null to end. The reserve must be wanted for longer than the margin of the new step,
    /// or it would be paid for nothing.</summary>
    private DateTimeOffset? RenewUntil(DateTimeOffset mark)
    {
        var margin = _pool.Settings.Teardown.HourMargin;
        if (_keepUntil is not { } until || !_linked)
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
            Timers.Cancel(nameof(KillMarkDue));
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

        Timers.StartSingleTimer(nameof(ProofDue), new ProofDue(round), Patience.IdleProof);
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

        _log.Warning("worker {Worker}: a runner process ({Dispatch}) lives on it although it was thought idle; its deletion waits for it (W10)", _name, alive.Dispatch);
        _stray = alive.Dispatch;
        Timers.Cancel(nameof(ProofDue));
        _session?.Tell(new Follow(alive.Dispatch));
        if (Patience.MaxJobRuntime > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(nameof(StrayDue), new StrayDue(alive.Dispatch), Patience.MaxJobRuntime);
        }
    }

    private void BeginRemoval(string why)
    {
        IWorkerEvent[] events = _state.Current is null
            ? [new RemovalStarted(Now, why)]
            : [new JobEnded(Now, OutcomeKind.Lost, null, why), new RemovalStarted(Now, why)];
        var lost = _state.Current;
        Record(
            () =>
            {
                Timers.CancelAll();
                CloseSession();
                if (lost?.RunnerId is { } runner)
                {
                    Unregister(runner);
                }

                Report(lost is null ? null : _state.LastEnded);
                if (_state.InstanceId is not null)
                {
                    Delete();
                }
                else if (!_creating)
                {
                    BeginLookup();
                }
            },
            events);
    }

    private void ResumeRemoval()
    {
        if (_state.InstanceId is null)
        {
            BeginLookup();
        }
        else
        {
            Delete();
        }
    }

    /// <summary>Deletes and asks whether it is gone; at most one deletion is in flight (invariant W7).</summary>
    private void Delete()
    {
        if (_deleting || _state is not { Phase: WorkerPhase.Removing, InstanceId: { } id })
        {
            return;
        }

        _deleting = true;
        var cloud = _pool.Ports.Cloud;
        _calls.Send(
            _pool.Settings.Poll.RequestTimeout,
            async token =>
            {
                try
                {
                    await cloud.DeleteAsync(id, _name, token).ConfigureAwait(false);
                }
                catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
                {
                    // Gone already; the question below proves it.
                }

                return await cloud.GetAsync(id, token).ConfigureAwait(false) is null;
            },
            gone => new DeleteAnswered(gone),
            e => new DeleteFailed(e));
    }

    private void OnDeleteAnswered(DeleteAnswered m)
    {
        _deleting = false;
        if (_state.Phase != WorkerPhase.Removing)
        {
            return;
        }

        if (m.Gone)
        {
            Record(() => ReportGone(_state.Why), new InstanceGone(Now, "the cloud says that it does not exist"));
        }
        else
        {
            Timers.StartSingleTimer(nameof(DeleteDue), DeleteDue.Instance, Patience.DeleteRetry.After(++_deleteFailures));
        }
    }

    private void OnDeleteFailed(DeleteFailed m)
    {
        _deleting = false;
        var wait = Patience.DeleteRetry.After(++_deleteFailures);
        if ((m.Error as CloudException)?.RetryAfter is { } asked && asked > wait)
        {
            wait = asked;
        }

        _log.Warning(
            "worker {Worker}: instance {Instance} could not be deleted ({Error}); it is still billed; trying again in {Wait}, attempt {Attempt}",
            _name, _state.InstanceId, m.Error.Message, wait, _deleteFailures);
        Timers.StartSingleTimer(nameof(DeleteDue), DeleteDue.Instance, wait);
    }

    private void Forgotten()
    {
        if (_purging)
        {
            Context.Parent.Tell(new Purged(_name));
            Context.Stop(Self);
        }
    }

    private sealed record KillMarkDue
    {
        public static readonly KillMarkDue Instance = new();
    }

    private sealed record ProofDue(long Round);

    private sealed record StrayDue(DispatchId Dispatch);

    private sealed record DeleteDue
    {
        public static readonly DeleteDue Instance = new();
    }

    private sealed record DeleteAnswered(bool Gone);

    private sealed record DeleteFailed(Exception Error);
}
