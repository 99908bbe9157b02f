using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Providers;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>The end: the deletion, and the proof of it.</summary>
internal sealed partial class WorkerActor
{
    private bool _deleting;
    private bool _purging;
    private int _deleteFailures;

    private void ReceiveRemoval()
    {
        Command<Delete>(m =>
        {
            if (_state.Phase is null)
            {
                _unwanted = m.Reason.ToString();
            }
            else if (_state.Phase is not (WorkerPhase.Removing or WorkerPhase.Removed))
            {
                BeginRemoval(m.Reason.ToString());
            }
        });
        Command<AdoptOrphan>(m =>
        {
            if (_state.Phase is null)
            {
                var i = m.Instance;
                Record(
                    () =>
                    {
                        Report();
                        DeleteInstance();
                    },
                    new InstanceCreated(Now, i.Id, i.CreatedAt, i.Addresses, i.Placement, i.HourlyPrice, Adopted: true),
                    new RemovalStarted(Now, m.Reason.ToString()));
            }
        });
        Command<InstanceMissing>(OnInstanceMissing);
        Command<MissingChecked>(OnMissingChecked);
        Command<DeleteDue>(_ => DeleteInstance());
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
                Timers.StartSingleTimer(nameof(Purge), Purge.Instance, Timeouts.DeleteRetry.Longest);
            }
        });
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
                    DeleteInstance();
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
            DeleteInstance();
        }
    }

    /// <summary>Deletes and asks whether it is gone; at most one deletion is in flight (invariant W7).</summary>
    private void DeleteInstance()
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
            Timers.StartSingleTimer(nameof(DeleteDue), DeleteDue.Instance, Timeouts.DeleteRetry.After(++_deleteFailures));
        }
    }

    private void OnDeleteFailed(DeleteFailed m)
    {
        _deleting = false;
        var wait = Timeouts.DeleteRetry.After(++_deleteFailures);
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

    private sealed record DeleteDue
    {
        public static readonly DeleteDue Instance = new();
    }

    private sealed record DeleteAnswered(bool Gone);

    private sealed record DeleteFailed(Exception Error);
}
