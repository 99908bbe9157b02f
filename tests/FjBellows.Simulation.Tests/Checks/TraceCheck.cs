using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>No exception but those that tell of a failed journal; no word between actors that reached nobody (R0); a bounded journal
/// (R7).</summary>
internal sealed class TraceCheck(Scene scene) : ICheck
{
    /// <summary>The most events that a bounded journal keeps: what comes between two snapshots, twice over where one was missed.</summary>
    private const int MostEvents = 250;

    public void End(bool quiet)
    {
        var daemon = scene.World.Daemon;
        var running = daemon.Runs ? daemon.System : null;
        var faulty = scene.Conditions.JournalWasFaulty;
        foreach (var error in daemon.Errors.Concat(running?.Errors ?? []).Distinct())
        {
            if (!faulty || !Wording.IsJournalFailure(error))
            {
                scene.Findings.Violate("R0", $"an error was logged: {error}");
            }
        }

        if (!faulty)
        {
            foreach (var letter in daemon.DeadLetters.Concat(running?.DeadLetters ?? []).Where(l => Matters(l.Message)))
            {
                scene.Findings.Violate("R0", $"{letter.Message} to {letter.Recipient.Path} reached nobody");
            }
        }

        if (daemon.Store.Ids.Where(id => !id.StartsWith("pool-", StringComparison.Ordinal)).ToArray() is { Length: > 0 } left)
        {
            scene.Findings.Violate("R7", $"journals of workers are left: {string.Join(' ', left)}");
        }

        if (daemon.Store.EventCount > MostEvents)
        {
            scene.Findings.Violate("R7", $"{daemon.Store.EventCount} events are left in the journal");
        }
    }

    /// <summary>What is told to a session that is being closed, or answers one who no longer waits, may be lost; a worker's report and a
    /// command may not.</summary>
    private static bool Matters(object message) => message is WorkerProtocol.IWorkerReport
        or WorkerProtocol.Provision or WorkerProtocol.Assign or WorkerProtocol.AdoptOrphan or WorkerProtocol.Purge;
}
