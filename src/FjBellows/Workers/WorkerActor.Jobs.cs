using Akka.Actor;
using Akka.Event;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using static FjBellows.Workers.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>One job at a time: registered, started, followed, ended.</summary>
internal sealed partial class WorkerActor
{
    private const int KilledBySignal = 128;

    // The pool ends a job that takes too long; the runner's own limit is for the time in which no pool lives.
    private static readonly TimeSpan RunnerSlack = TimeSpan.FromMinutes(15);

    private JobLaunch? _launch;

    private void ReceiveJobs()
    {
        Command<Assign>(OnAssign);
        Command<Registered>(OnRegistered);
        Command<RegisterFailed>(m => ForCurrent(m.Dispatch, () =>
            EndJob(OutcomeKind.FailedToStart, null, $"its runner could not be registered: {m.Error.Message}")));
        Command<Launched>(m => FromSession(() => ForCurrent(m.Dispatch, OnLaunched)));
        Command<LaunchFailed>(m => FromSession(() => ForCurrent(m.Dispatch, () => EndJob(OutcomeKind.FailedToStart, null, m.Detail))));
        Command<Ended>(m => FromSession(() => OnEnded(m)));
        ReceiveCancels();
        Command<RegistrationLeft>(m => _log.Debug("worker {Worker}: registration {Runner} could not be deleted now ({Error}); the next listings will find it", _name, m.RunnerId, m.Error.Message));
    }

    private void OnAssign(Assign m)
    {
        if (!View().CanTakeJob(Now))
        {
            Context.Parent.Tell(new AssignRefused(View(), m.Job.Key, $"{_name} is {_state.Phase}{(IsUsable ? "" : ", not linked")}: {_state.Why}"));
            return;
        }

        Timers.Cancel(nameof(TeardownDeadlineDue));
        var dispatch = new DispatchId($"{_name}-{_state.Dispatches + 1}");
        Record(
            () =>
            {
                Report();
                Register(dispatch, m.Job);
            },
            new JobAssigned(Now, new Assignment(dispatch, m.Job, Now, m.Warm) { SeenAt = m.SeenAt }));
    }

    private void Register(DispatchId dispatch, QueuedJob job) => _calls.Send(
        _pool.Settings.Poll.RequestTimeout,
        token => _pool.Ports.Runners.RegisterAsync(dispatch.Value, $"fj-bellows pool {_pool.Settings.Name}: {job}", token),
        credentials => new Registered(dispatch, credentials),
        e => new RegisterFailed(dispatch, e));

    private void OnRegistered(Registered m)
    {
        if (_state.Current is not { RunnerId: null } current || current.Dispatch != m.Dispatch)
        {
            Unregister(m.Credentials.Id); // The dispatch is over (invariants W6, O4).
            return;
        }

        Record(
            () =>
            {
                _launch = new JobLaunch(
                    m.Dispatch,
                    m.Credentials.Uuid,
                    m.Credentials.Token,
                    [.. _pool.Settings.Labels.Labels.Select(l => l.Text)],
                    current.Job.Handle)
                {
                    RunnerTimeout = Timeouts.MaxJobRuntime > TimeSpan.Zero ? Timeouts.MaxJobRuntime + RunnerSlack : null,
                };
                _session?.Tell(new Launch(_launch));
            },
            new RunnerRegistered(Now, m.Credentials.Id, m.Credentials.Uuid));
    }

    private void OnLaunched()
    {
        _launch = null;
        if (_state.Current!.StartedAt is null)
        {
            Record(
                () =>
                {
                    if (_linked)
                    {
                        Timers.Cancel(nameof(LinkLossDue));
                    }

                    ArmRuntime();
                    Report();
                },
                new JobStarted(Now));
        }
    }

    /// <summary>Goes on with the job after a start of the daemon.</summary>
    private void ResumeJob()
    {
        OpenSession();
        if (_state.Current is not { } current)
        {
            ProveIdle();
            return;
        }

        if (current.RunnerId is null)
        {
            // A process is started only after its registration was written down: there is none.
            EndJob(OutcomeKind.FailedToStart, null, "the daemon stopped before the job's runner was registered");
            return;
        }

        LinkLost();
        ArmRuntime();
    }

    /// <summary>Compares the job that the journal says runs with what the worker says (invariant W14).</summary>
    private void ReattachJob(IReadOnlyList<RunnerProcess> processes)
    {
        var current = _state.Current!;
        var process = processes.FirstOrDefault(p => p.Dispatch == current.Dispatch);
        if (process is { Alive: true } or { ExitCode: not null })
        {
            _session?.Tell(new Follow(current.Dispatch));
            OnLaunched();
            if (_cancelling is not null)
            {
                _session?.Tell(new Signal(current.Dispatch, RunnerSignal.Terminate));
            }
        }
        else if (process is null && _launch is { } launch)
        {
            _session?.Tell(new Launch(launch));
        }
        else if (current.RunnerId is not null)
        {
            EndJob(
                current.StartedAt is null ? OutcomeKind.FailedToStart : OutcomeKind.Lost,
                null,
                current.StartedAt is null ? "the link broke before its process was started" : "its process is gone and left no exit code: the worker was rebooted, or the process was killed");
        }
    }

    private void OnEnded(Ended m)
    {
        if (m.Dispatch == _stray)
        {
            _stray = null;
            _session?.Tell(new CleanUp(m.Dispatch));
            ProveIdle();
            return;
        }

        ForCurrent(m.Dispatch, () =>
        {
            var kind = m.Exit.ExitCode switch
            {
                _ when _cancelling is not null => OutcomeKind.Cancelled,
                0 => OutcomeKind.Completed,
                2 => OutcomeKind.NoTask,
                null => OutcomeKind.Lost,

                // The shell's way of telling a signal: a runner that ran was killed, by the kernel for want of memory or by its own job.
                >= KilledBySignal when _state.Current!.StartedAt is not null => OutcomeKind.Lost,
                _ => OutcomeKind.FailedToStart,
            };
            var detail = kind switch
            {
                OutcomeKind.Completed => "the runner ran a task and ended",
                OutcomeKind.NoTask => "Forgejo gave the runner no task: the job was taken, cancelled, or is held by its concurrency group",
                OutcomeKind.Cancelled => _cancelling!,
                OutcomeKind.Lost when m.Exit.ExitCode is { } code => $"the runner was killed by signal {code - KilledBySignal}; last output: {m.Exit.LogTail}",
                OutcomeKind.Lost => $"its process ended without an exit code; last output: {m.Exit.LogTail}",
                _ => $"the runner ended with exit code {m.Exit.ExitCode}; last output: {m.Exit.LogTail}",
            };
            EndJob(kind, m.Exit.ExitCode, detail);
        });
    }

    private void EndJob(OutcomeKind kind, int? exitCode, string detail, string? drainWhy = null)
    {
        var current = _state.Current!;
        var ended = new JobEnded(Now, kind, exitCode, detail);
        Timers.Cancel(nameof(CancelDue));
        Timers.Cancel(RuntimeTimer);
        Timers.Cancel(nameof(KillDue));
        Timers.Cancel(nameof(LinkLossDue));
        _launch = null;
        _cancelling = null;
        _termSent = false;
        if (_state.Phase == WorkerPhase.Busy)
        {
            drainWhy ??= WhyNotKept(_state.Apply(ended));
        }

        IWorkerEvent[] events = _state.Phase == WorkerPhase.Busy && drainWhy is not null ? [ended, new DrainStarted(Now, drainWhy)] : [ended];
        Record(
            () =>
            {
                if (current.RunnerId is { } runner)
                {
                    Unregister(runner);
                }

                _session?.Tell(new CleanUp(current.Dispatch));
                Report(_state.LastEnded);
                AfterJob();
            },
            events);
    }

    /// <summary>Why a worker whose job has just ended takes no other one; null when it may (invariants B3, W9).</summary>
    private string? WhyNotKept(WorkerState after)
    {
        if (after.OwnFailures >= 2)
        {
            return $"{after.OwnFailures} dispatches in a row failed on it for reasons of its own (W9)";
        }

        if (_pool.Settings.SingleUse && after.MayHaveRunJob)
        {
            return "it ran its one job, or may have (worker.reuse: single)";
        }

        return after.TeardownDeadline(_pool.Billing, _pool.Settings.Teardown, Now) is { } mark && mark <= Now
            ? $"its job ended inside the margin before its paid time does ({mark:HH:mm:ss 'UTC'} passed)"
            : null;
    }

    private void AfterJob()
    {
        if (_state.Phase == WorkerPhase.Draining)
        {
            ProveIdle();
        }
        else if (_state.Phase == WorkerPhase.Idle)
        {
            ArmTeardownDeadline();
            ProveReady();
            LinkLost();
        }
    }

    private void Unregister(long runnerId) => _calls.Send(
        _pool.Settings.Poll.RequestTimeout,
        token => _pool.Ports.Runners.DeleteAsync(runnerId, token),
        () => null,
        e => new RegistrationLeft(runnerId, e));

    private void ForCurrent(DispatchId dispatch, Action action)
    {
        if (_state.Current?.Dispatch == dispatch)
        {
            action();
        }
    }

    private sealed record Registered(DispatchId Dispatch, RunnerCredentials Credentials);

    private sealed record RegisterFailed(DispatchId Dispatch, Exception Error);

    private sealed record RegistrationLeft(long RunnerId, Exception Error);
}
