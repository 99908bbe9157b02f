using FjBellows.Sandbox.Forge;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <content>What must be true once nothing more is to come and everything works.</content>
internal sealed partial class Oracle
{
    /// <summary>The most events that a bounded journal keeps: what comes between two snapshots, twice over where one was missed.</summary>
    private const int MostEvents = 250;

    /// <summary>True once the pool has nothing left to do.</summary>
    public bool IsQuiet() =>
        world.Daemon.Runs
        && !world.Ours().Any()
        && world.Forge.State.Jobs().All(j => j.IsDone || !CanRun(j))
        && PoolIsEmpty();

    /// <summary>The last judgement.</summary>
    /// <param name="quiet">False when it never became quiet.</param>
    public void Judge(bool quiet)
    {
        ReadNotices();
        if (!quiet)
        {
            JudgeRest();
        }

        foreach (var machine in _planted.Where(m => !world.Ownership.Owns(m.Instance) && m.GoneAt is not null))
        {
            Violate("O1", $"{machine.Instance.Name}, which is not ours, is gone");
        }

        foreach (var runner in world.Forge.State.Runners(ForgeScope.Admin).Where(r => !_plantedRunners.ContainsKey(r.Id)))
        {
            Violate("O4", $"registration {runner.Name} ({runner.Id}) is left");
        }

        JudgeJobs();
        JudgeOutcomes();
        JudgeTraces();
    }

    private static bool CanRun(ForgeJob job) => !job.RunsOn.Contains("arm");

    private bool PoolIsEmpty()
    {
        try
        {
            return world.Daemon.Status().Workers.Count == 0;
        }
        catch (InvalidOperationException)
        {
            return false; // It reads its journal.
        }
    }

    private void JudgeRest()
    {
        var jobs = world.Forge.State.Jobs().Where(j => !j.IsDone && CanRun(j)).Select(j => $"{j.Id}:{j.Status}").ToArray();
        var status = "silent";
        try
        {
            var s = world.Daemon.Status();
            status = string.Join("; ", s.Workers.Select(w => $"{w.Name} {w.Phase} linked {w.Linked} {w.Current?.Dispatch}: {w.Why}")
                .Concat(s.Waiting.Select(w => $"{w.Job}: {w.Why}")));
        }
        catch (InvalidOperationException)
        {
            // The word for it stands above.
        }

        Violate("R", $"it never became quiet: {world.Ours().Count()} machine(s) left ({string.Join(' ', world.Ours().Select(m => m.Instance.Name))}), open jobs [{string.Join(' ', jobs)}], pool: {status}");
    }

    private void JudgeJobs()
    {
        foreach (var job in world.Forge.State.Jobs().Where(CanRun))
        {
            if (job.Starts > 1)
            {
                Violate("J5", $"job {job.Id} was started {job.Starts} times");
            }

            if (job.Status is ForgeJobStatus.Success or ForgeJobStatus.Skipped || !job.IsDone || _excusedJobs.Contains((job.Id, job.Attempt)))
            {
                continue;
            }

            var ran = _byHandle.GetValueOrDefault(job.Handle) ?? [];
            var excused = ran.Any(r => _excused.Contains(r.Machine) || _excusedProcesses.Contains(r.Process)
                || r.Process.EndedAt - r.Process.StartedAt >= world.Settings.Timeouts.MaxJobRuntime - TimeSpan.FromMinutes(3));
            if (!excused)
            {
                Violate("J", $"job {job.Id} ended as {job.Status} though nothing was done to it: {string.Join(", ", ran.Select(r => $"{r.Process.Launch.Dispatch} exit {r.Process.ExitCode}"))}");
            }
        }
    }

    /// <summary>Every dispatch is recorded, with one outcome, which is what its process came to (invariant J10).</summary>
    private void JudgeOutcomes()
    {
        var recorded = world.Records.Outcomes.ToLookup(o => o.Assignment.Dispatch.Value, StringComparer.Ordinal);
        foreach (var dispatch in _assigned)
        {
            var kinds = recorded[dispatch].Select(o => o.Kind).Distinct().ToArray();
            if (kinds.Length != 1)
            {
                Violate("J10", $"dispatch {dispatch} has {kinds.Length} different outcomes: {string.Join(", ", kinds)}");
            }
        }

        foreach (var (machine, process) in _byHandle.Values.SelectMany(r => r).Where(r => !_excused.Contains(r.Machine) && !_excusedProcesses.Contains(r.Process)))
        {
            var outcome = recorded[process.Launch.Dispatch.Value].LastOrDefault();
            var right = process.ExitCode switch
            {
                0 => outcome?.Kind is OutcomeKind.Completed or OutcomeKind.Cancelled,
                2 => outcome?.Kind is OutcomeKind.NoTask or OutcomeKind.Cancelled,
                null or >= 128 => outcome?.Kind is OutcomeKind.Cancelled or OutcomeKind.Lost,
                _ => outcome?.Kind is OutcomeKind.FailedToStart or OutcomeKind.Cancelled,
            };
            if (!right)
            {
                Violate("J10", $"{process.Launch.Dispatch} on {machine.Instance.Name} ended with {process.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no code"} and is recorded as {outcome?.Kind.ToString() ?? "nothing"}: {outcome?.Detail}");
            }
        }
    }

    /// <summary>No exception but those that tell of a failed journal; no word between actors that reached nobody; a bounded journal.</summary>
    private void JudgeTraces()
    {
        var daemon = world.Daemon;
        var running = daemon.Runs ? daemon.System : null;
        foreach (var error in daemon.Errors.Concat(running?.Errors ?? []).Distinct())
        {
            if (!_journalFaulty || !IsToldJournalFailure(error))
            {
                Violate("R0", $"an error was logged: {error}");
            }
        }

        if (!_journalFaulty)
        {
            foreach (var letter in daemon.DeadLetters.Concat(running?.DeadLetters ?? []).Where(l => Matters(l.Message)))
            {
                Violate("R0", $"{letter.Message} to {letter.Recipient.Path} reached nobody");
            }
        }

        if (daemon.Store.Ids.Where(id => !id.StartsWith("pool-", StringComparison.Ordinal)).ToArray() is { Length: > 0 } left)
        {
            Violate("R7", $"journals of workers are left: {string.Join(' ', left)}");
        }

        if (daemon.Store.EventCount > MostEvents)
        {
            Violate("R7", $"{daemon.Store.EventCount} events are left in the journal");
        }
    }

    private static bool IsToldJournalFailure(string error) =>
        error.Contains("(R5)", StringComparison.Ordinal) || error.Contains("could not be read", StringComparison.Ordinal)
        || error.Contains("Persistence failure when replaying", StringComparison.Ordinal);

    /// <summary>What is told to a session that is being closed, or answers one who no longer waits, may be lost; a worker's report and a
    /// command may not.</summary>
    private static bool Matters(object message) => message is WorkerProtocol.IWorkerReport
        or WorkerProtocol.Provision or WorkerProtocol.Assign or WorkerProtocol.AdoptOrphan or WorkerProtocol.Purge;
}
