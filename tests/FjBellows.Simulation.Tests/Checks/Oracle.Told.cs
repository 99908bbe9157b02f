using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <content>What is judged at the moment in which it is told, and what is looked at every minute.</content>
internal sealed partial class Oracle
{
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(8);

    private readonly HashSet<string> _coming = new(StringComparer.Ordinal);
    private bool _anyFault;
    private DateTimeOffset _calmSince;

    private bool IsCalm => !_anyFault && !_down && world.Clock.Now - _calmSince > Settled;

    /// <summary>The look of every minute.</summary>
    public void Look()
    {
        ReadNotices();
        if (!IsCalm)
        {
            return;
        }

        foreach (var (machine, process) in world.Ours().SelectMany(m => m.Processes.Values.Where(p => p is { Alive: true, JobId: not null }).Select(p => (m, p))))
        {
            var task = world.Forge.State.Job(process.JobId!.Value).Tasks.LastOrDefault(t => t.Runner == process.Launch.Dispatch.Value);
            if (task?.StoppedAt is { } stopped && world.Clock.Now - stopped > Settled && !_excused.Contains(machine))
            {
                Violate("J9", $"{process.Launch.Dispatch} lives on {Settled} after its job {process.JobId} was stopped");
            }
        }
    }

    /// <summary>Every connection to a worker that was bought carries its pin (invariant S1).</summary>
    public void Dialling(WorkerEndpoint endpoint)
    {
        if (endpoint.HostKey is null)
        {
            Violate("S1", $"{endpoint.Worker} is dialled without the key it was born with");
        }
    }

    private void JudgeNotice(PoolNotice notice, string worker)
    {
        if (notice.Message.Contains("the cloud no longer has its instance", StringComparison.Ordinal)
            && world.Cloud.Alive.FirstOrDefault(m => m.Instance.Name == worker) is { } denied && _doubted.Contains(denied) && IsOutOfReach(denied))
        {
            Excuse(denied, "it was denied, and unreachable for longer than a link may be");
        }

        if (notice is { Kind: NoticeKind.JobDispatched, JobId: { } id } && IsCalm
            && world.Forge.State.Job(id) is { Status: ForgeJobStatus.Running, Current: { } task }
            && !task.Runner.StartsWith(worker, StringComparison.Ordinal) && world.Clock.Now - task.StartedAt > Settled)
        {
            Violate("J1", $"job {id} is given to {worker}, and has run on {task.Runner} since {task.StartedAt:HH:mm:ss}");
        }

        if (notice.Kind == NoticeKind.WorkerPlanned)
        {
            CheckProvision(notice, worker);
        }
        else if (notice.Kind != NoticeKind.Operator)
        {
            _coming.Remove(worker);
        }

        if (notice.Message.Contains("before its billing period ends", StringComparison.Ordinal) && notice.Message.Contains(" is Draining: idle at", StringComparison.Ordinal)
            && world.Cloud.Alive.FirstOrDefault(m => m.Instance.Name == worker) is { } machine)
        {
            // Where nothing else happens, notices are read once a minute; a pool whose clock jumped does not say when it was.
            var lag = world.Clock.Now - notice.At;
            var at = lag > TimeSpan.Zero && lag <= TimeSpan.FromMinutes(1) ? notice.At : world.Clock.Now;
            var mark = TeardownPolicy.StepEnd(world.Cloud.Billing, machine.Instance.CreatedAt, at) - world.Settings.Teardown.HourMargin;
            if (at < mark - TimeSpan.FromSeconds(30))
            {
                Violate("R6", $"{worker} was drained for its paid time's end at {at:HH:mm:ss}, {mark - at} before its mark");
            }
        }
    }

    /// <summary>No more workers are on their way than jobs wait, whatever the wait budget (invariant W1).</summary>
    private void CheckProvision(PoolNotice notice, string worker)
    {
        if (notice.Message.Contains("asked for by", StringComparison.Ordinal) || notice.Message.Contains("idle worker(s) are wanted", StringComparison.Ordinal))
        {
            return; // Not for a job.
        }

        _coming.Add(worker);
        if (!IsCalm)
        {
            return;
        }

        var waiting = world.Forge.State.Jobs().Count(j => j.Status == ForgeJobStatus.Waiting && CanRun(j));
        if (_coming.Count > Math.Max(1, waiting))
        {
            Violate("W1", $"{worker} is bought: {_coming.Count} workers ({string.Join(", ", _coming)}) are on their way for {waiting} waiting job(s)");
        }
    }
}
