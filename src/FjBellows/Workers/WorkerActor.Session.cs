using Akka.Actor;
using Akka.Event;
using FjBellows.Dispatch;
using FjBellows.Pool;
using static FjBellows.Workers.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>The link to the VM, and what is concluded from its absence.</summary>
internal sealed partial class WorkerActor
{
    private IActorRef? _session;
    private int _sessions;
    private bool _linked;
    private bool _proven;
    private string _linkDetail = "not reached yet";

    private void ReceiveSession()
    {
        Command<Ready>(m => FromSession(() => OnReady(m)));
        Command<NotReady>(m => FromSession(() =>
        {
            _bootDetail = m.Detail;
            _linkDetail = m.Detail;
            if (m.Failed && _state.Phase == WorkerPhase.Provisioning)
            {
                BeginRemoval($"its bootstrap failed: {m.Detail}");
            }
        }));
        Command<Down>(m => FromSession(() => OnDown(m)));
        Command<LinkLossDue>(_ => OnLinkLossDue());
        Command<Execute>(m =>
        {
            if (_session is { } session)
            {
                session.Forward(new Run(m.Command, m.Limit));
            }
            else
            {
                Sender.Tell(new PoolProtocol.Refused($"{_name} is {_state.Phase} and has no connection"));
            }
        });
    }

    /// <summary>Opens a session, or another one when the addresses changed.</summary>
    private void OpenSession()
    {
        CloseSession();
        if (_state.Addresses.Count == 0)
        {
            Timers.StartSingleTimer(nameof(AddressDue), AddressDue.Instance, TimeSpan.FromSeconds(2));
            return;
        }

        var endpoint = new WorkerEndpoint(_name, _state.InstanceId!.Value.Value, _state.Addresses, _state.HostKey);
        _session = Context.ActorOf(SessionActor.Props(_pool, endpoint, _state.Current?.Dispatch), $"session-{++_sessions}");
    }

    private void CloseSession()
    {
        if (_session is { } session)
        {
            _session = null;
            _linked = false;
            _proven = false;
            Context.Stop(session);
        }
    }

    /// <summary>A word of a session that was closed belongs to the past (invariant W6).</summary>
    private void FromSession(Action action)
    {
        if (Sender.Equals(_session))
        {
            action();
        }
    }

    /// <summary>True when the link serves for what the worker does now: a process is followed on any, a start wants a worker that proved ready.</summary>
    private bool IsUsable => _linked && (_proven || _state.Current is { StartedAt: not null });

    private void OnReady(Ready m)
    {
        _linked = true;
        _proven = m.Proven;
        _missedListings = 0;
        if (IsUsable || _stray is not null)
        {
            Timers.Cancel(nameof(LinkLossDue));
        }

        if (_state.HostKey is null && m.HostKey is { } key)
        {
            _log.Warning("worker {Worker}: its host key was trusted on first use, since none could be seeded; it is the pin from now on (S2)", _name);
            Record(() => Proceed(m), new HostKeyPinned(Now, key));
        }
        else
        {
            Proceed(m);
        }
    }

    private void Proceed(Ready m)
    {
        CleanUpAfterEarlier(m.Processes);
        switch (_state.Phase)
        {
            case WorkerPhase.Provisioning or WorkerPhase.Idle when !m.Proven:
                ProveReady();
                break;
            case WorkerPhase.Provisioning:
                Timers.Cancel(nameof(BootDue));
                Record(
                    () =>
                    {
                        Report();
                        ArmTeardownDeadline();
                    },
                    new WorkerBecameReady(Now, m.Detail));
                break;
            case WorkerPhase.Idle when m.Processes.FirstOrDefault(p => p.Alive) is { } stray:
                BeginDrain($"a runner process ({stray.Dispatch}) lives on it that the journal does not know (W13)");
                break;
            case WorkerPhase.Idle:
                Report();
                break;
            case WorkerPhase.Busy:
            case WorkerPhase.Draining when _state.Current is not null:
                Report();
                ReattachJob(m.Processes);
                break;
            case WorkerPhase.Draining:
                Judge(m.Processes);
                break;
            default:
                break;
        }
    }

    /// <summary>The one clean-up at a job's end may have met a broken link, or a dead daemon: nothing of a job is left for the next one.</summary>
    private void CleanUpAfterEarlier(IReadOnlyList<RunnerProcess> processes)
    {
        foreach (var ended in processes.Where(p => !p.Alive && p.Dispatch != _state.Current?.Dispatch && p.Dispatch != _stray))
        {
            _session?.Tell(new CleanUp(ended.Dispatch));
        }
    }

    /// <summary>A link that served a job only must prove that its worker can take the next one.</summary>
    private void ProveReady()
    {
        if (_linked && !_proven)
        {
            _session?.Tell(Prove.Instance);
        }
    }

    private void OnDown(Down m)
    {
        var wasLinked = _linked;
        _linked = false;
        _proven = false;
        _linkDetail = m.Detail;
        _bootDetail = m.Detail;
        if (m.Kind == SessionErrorKind.HostKeyMismatch && _state.Phase is WorkerPhase.Provisioning or WorkerPhase.Idle)
        {
            BeginRemoval($"it showed another host key than the one it was born with, and was sent nothing (S1): {m.Detail}");
            return;
        }

        if (m.Kind == SessionErrorKind.Gone)
        {
            _unlinkedSince = DateTimeOffset.MinValue;
        }
        else if (wasLinked)
        {
            _unlinkedSince = Now;
        }

        if (wasLinked)
        {
            _log.Warning("worker {Worker}: link lost: {Detail}; dialling again", _name, m.Detail);
            Report();
        }

        LinkLost();
    }

    /// <summary>Starts the patience with a worker that is not reached, if it does not run already.</summary>
    private void LinkLost()
    {
        var patience = _state.Phase switch
        {
            WorkerPhase.Idle => Timeouts.IdleLinkLoss,
            WorkerPhase.Busy => Timeouts.BusyLinkLoss,
            WorkerPhase.Draining when _state.Current is not null || _stray is not null => Timeouts.BusyLinkLoss,
            _ => (TimeSpan?)null,
        };
        if (patience is { } time && !IsUsable && !Timers.IsTimerActive(nameof(LinkLossDue)))
        {
            Timers.StartSingleTimer(nameof(LinkLossDue), LinkLossDue.Instance, time);
        }
    }

    private void OnLinkLossDue()
    {
        if (_stray is not null && !_linked)
        {
            BeginRemoval($"a runner process lived on it, and it was unreachable for {Timeouts.BusyLinkLoss}: {_linkDetail}");
            return;
        }

        if (IsUsable)
        {
            return;
        }

        if (_state.Phase == WorkerPhase.Idle)
        {
            BeginDrain($"unreachable, or not ready, for {Timeouts.IdleLinkLoss}: {_linkDetail}");
        }
        else if (_state.Current is not null)
        {
            EndJob(OutcomeKind.Lost, null, $"the worker was unreachable for {Timeouts.BusyLinkLoss}: {_linkDetail}", drainWhy: $"unreachable for {Timeouts.BusyLinkLoss}");
        }
    }

    private sealed record LinkLossDue
    {
        public static readonly LinkLossDue Instance = new();
    }
}
