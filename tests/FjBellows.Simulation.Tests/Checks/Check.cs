using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Judges one thing; hears what happens and what was told.</summary>
internal interface ICheck
{
    /// <summary>A machine was made.</summary>
    void MachineMade(VirtualMachine machine)
    {
    }

    /// <summary>A machine is about to be deleted by a call.</summary>
    void MachineDeleting(VirtualMachine machine)
    {
    }

    /// <summary>A process was started; it is not among the dispatches yet.</summary>
    void ProcessStarted(VirtualMachine machine, VirtualProcess process)
    {
    }

    /// <summary>A process is about to be signalled.</summary>
    void ProcessSignalled(VirtualMachine machine, VirtualProcess process)
    {
    }

    /// <summary>Something happened in Forgejo.</summary>
    void ForgeHappened(ForgeEvent e)
    {
    }

    /// <summary>A connection to a worker is opened.</summary>
    void Dialling(WorkerEndpoint endpoint)
    {
    }

    /// <summary>A call leaves the pool (before), or was carried out.</summary>
    void Called(string call, bool before)
    {
    }

    /// <summary>An event is safe in a journal.</summary>
    void Written(string id, object payload)
    {
    }

    /// <summary>The pool told something about a worker.</summary>
    void Told(PoolNotice notice, string worker)
    {
    }

    /// <summary>A minute has passed.</summary>
    void Minute()
    {
    }

    /// <summary>The daemon died.</summary>
    void DaemonDied()
    {
    }

    /// <summary>Everything is over.</summary>
    void End(bool quiet)
    {
    }
}

/// <summary>What every check judges by.</summary>
internal sealed record Scene(SimulatedWorld World, Findings Findings, Excuses Excuses, Conditions Conditions, Dispatches Dispatches)
{
    /// <summary>True when Forgejo gave a process a job, whether its answer arrived or not.</summary>
    public bool WasAssigned(VirtualProcess process) =>
        World.Forge.State.Jobs().SelectMany(j => j.Tasks).Any(t => t.Runner == process.Launch.Dispatch.Value);
}
