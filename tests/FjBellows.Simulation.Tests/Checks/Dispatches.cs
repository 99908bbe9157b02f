using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>What is on record of workers and their dispatches: the journal's events, which are safe whether or not anybody was told, and
/// the processes that were started.</summary>
internal sealed class Dispatches(SimulatedWorld world)
{
    private readonly Dictionary<string, DateTimeOffset> _readyAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _endedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _dispatchedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _renewedUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _plannedUnder = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(VirtualMachine Machine, VirtualProcess Process)>> _byHandle = new(StringComparer.Ordinal);
    private readonly HashSet<string> _created = new(StringComparer.Ordinal);
    private readonly HashSet<string> _neverBought = new(StringComparer.Ordinal);
    private readonly HashSet<string> _assigned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Dispatch, DateTimeOffset At)> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);

    /// <summary>Dispatches that were assigned, as far as the journal knows.</summary>
    public IReadOnlySet<string> Assigned => _assigned;

    /// <summary>Workers whose purchase was given up.</summary>
    public IReadOnlySet<string> NeverBought => _neverBought;

    /// <summary>Every process that was started, with its machine.</summary>
    public IEnumerable<(VirtualMachine Machine, VirtualProcess Process)> All => _byHandle.Values.SelectMany(r => r);

    /// <summary>The processes that were started for a job attempt.</summary>
    public IReadOnlyList<(VirtualMachine Machine, VirtualProcess Process)> Of(string handle) => _byHandle.GetValueOrDefault(handle) ?? [];

    /// <summary>Assigned dispatches that have not ended on record, by worker.</summary>
    public IEnumerable<(string Worker, string Dispatch, DateTimeOffset At)> Open =>
        _open.Select(o => (o.Key, o.Value.Dispatch, o.Value.At));

    /// <summary>True for a dispatch of a journal that was replaced by another one.</summary>
    public bool IsForgotten(string dispatch) => _forgotten.Contains(dispatch);

    /// <summary>The journal is another one: what was assigned so far may not be in it.</summary>
    public void Forget()
    {
        _forgotten.UnionWith(_assigned);
        _assigned.Clear();
        _open.Clear();
    }

    public void Add(VirtualMachine machine, VirtualProcess process)
    {
        var handle = process.Launch.Handle;
        (_byHandle.TryGetValue(handle, out var known) ? known : _byHandle[handle] = []).Add((machine, process));
    }

    public DateTimeOffset? ReadyAt(string worker) => _readyAt.TryGetValue(worker, out var at) ? at : null;

    public DateTimeOffset? EndedAt(string worker) => _endedAt.TryGetValue(worker, out var at) ? at : null;

    public DateTimeOffset? DispatchedAt(string worker) => _dispatchedAt.TryGetValue(worker, out var at) ? at : null;

    public DateTimeOffset? RenewedUntil(string worker) => _renewedUntil.TryGetValue(worker, out var at) ? at : null;

    /// <summary>The maximum in force when a worker was planned.</summary>
    public int PlannedUnder(string worker) => _plannedUnder.GetValueOrDefault(worker);

    public void Written(string id, object payload)
    {
        var now = world.Clock.Now;
        switch (payload)
        {
            case WorkerProtocol.WorkerBecameReady:
                _readyAt.TryAdd(WorkerOf(id), now);
                _endedAt.TryAdd(WorkerOf(id), now);
                break;
            case WorkerProtocol.JobAssigned assigned:
                _assigned.Add(assigned.Assignment.Dispatch.Value);
                _open[WorkerOf(id)] = (assigned.Assignment.Dispatch.Value, now);
                _dispatchedAt[WorkerOf(id)] = now;
                break;
            case WorkerProtocol.JobEnded:
                _open.Remove(WorkerOf(id));
                _endedAt[WorkerOf(id)] = now;
                break;
            case PoolProtocol.WorkerPlanned planned:
                _plannedUnder[planned.Worker] = world.Settings.Max;
                break;
            case WorkerProtocol.BillingRenewed renewed:
                // Both moments are by the product's clock, which may be wrong.
                _renewedUntil[WorkerOf(id)] = now + (renewed.Until - renewed.At);
                break;
            case WorkerProtocol.RemovalStarted:
                _open.Remove(WorkerOf(id));
                break;
            case WorkerProtocol.InstanceCreated:
                _created.Add(WorkerOf(id));
                break;
            case WorkerProtocol.InstanceGone when !_created.Contains(WorkerOf(id)):
                _neverBought.Add(WorkerOf(id));
                break;
        }
    }

    /// <summary>True while Forgejo shows a process's job as running on it.</summary>
    public bool IsRunning(VirtualProcess process) =>
        world.Forge.State.Job(process.JobId!.Value) is { Status: ForgeJobStatus.Running } job
            && job.Current?.Runner == process.Launch.Dispatch.Value;

    /// <summary>The worker of a journal.</summary>
    public static string WorkerOf(string id) => id[id.IndexOf("cid-", StringComparison.Ordinal)..];
}
