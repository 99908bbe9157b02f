using Akka.Actor;
using FjBellows.Dispatch;
using static FjBellows.Workers.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>The end that a job is brought to from outside: its run was cancelled, or it took too long (invariants J8 and J9).</summary>
internal sealed partial class WorkerActor
{
    private const string RuntimeTimer = "max-job-runtime";
    private static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(30);

    private string? _cancelling;
    private bool _termSent;

    private void ReceiveCancels()
    {
        Command<RunnerMissing>(OnRunnerMissing);
        Command<RowChecked>(m => ForCurrent(m.Dispatch, () =>
        {
            if (m.Gone && _cancelling is null)
            {
                Timers.StartSingleTimer(nameof(CancelDue), new CancelDue(m.Dispatch, "it was cancelled in Forgejo"), Timeouts.CancelNotice);
            }
        }));
        Command<CancelDue>(m => ForCurrent(m.Dispatch, () => Cancel(m.Why)));
        Command<KillDue>(m => ForCurrent(m.Dispatch, () =>
        {
            _session?.Tell(new Signal(m.Dispatch, RunnerSignal.Kill));
            Timers.StartSingleTimer(nameof(KillDue), m, KillAgain);
        }));
    }

    /// <summary>Forgejo's listing lacks our runner's row: confirmed by id, it means that the job was cancelled, or has just ended (invariant J9).</summary>
    private void OnRunnerMissing(RunnerMissing m)
    {
        if (_state.Current is { RunnerId: { } id, StartedAt: { } started } current && id == m.RunnerId && started < m.RequestedAt
            && _cancelling is null && !Timers.IsTimerActive(nameof(CancelDue)))
        {
            _calls.Send(
                _pool.Settings.Poll.RequestTimeout,
                token => _pool.Ports.Runners.GetAsync(id, token),
                row => new RowChecked(current.Dispatch, row is null),
                _ => new RowChecked(current.Dispatch, false));
        }
    }

    private void Cancel(string why)
    {
        var current = _state.Current!;
        _cancelling ??= why;
        if (!_termSent)
        {
            _termSent = true;
            _session?.Tell(new Signal(current.Dispatch, RunnerSignal.Terminate));
            Timers.StartSingleTimer(nameof(KillDue), new KillDue(current.Dispatch), Timeouts.CancelGrace);
        }
    }

    /// <summary>The one limit around a job, from its dispatch (invariant J8).</summary>
    private void ArmRuntime()
    {
        Timers.Cancel(RuntimeTimer);
        if (Timeouts.MaxJobRuntime > TimeSpan.Zero && _state.Current is { } current)
        {
            var left = current.AssignedAt + Timeouts.MaxJobRuntime - Now;
            Timers.StartSingleTimer(
                RuntimeTimer,
                new CancelDue(current.Dispatch, $"it ran longer than {Timeouts.MaxJobRuntime} (poll.max_job_runtime)"),
                left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private sealed record RowChecked(DispatchId Dispatch, bool Gone);

    private sealed record CancelDue(DispatchId Dispatch, string Why);

    private sealed record KillDue(DispatchId Dispatch);
}
