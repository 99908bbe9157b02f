using System.Globalization;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Every dispatch is recorded, with one outcome, which is what its process came to (invariants J10, J11, J17).</summary>
internal sealed class OutcomeCheck(Scene scene) : ICheck
{
    public void End(bool quiet)
    {
        var recorded = scene.World.Records.Outcomes.ToLookup(o => o.Assignment.Dispatch.Value, StringComparer.Ordinal);
        foreach (var dispatch in scene.Dispatches.Assigned)
        {
            var kinds = recorded[dispatch].Select(o => o.Kind).Distinct().ToArray();
            if (kinds.Length != 1)
            {
                scene.Findings.Violate("J10", $"dispatch {dispatch} has {kinds.Length} different outcomes: {string.Join(", ", kinds)}");
            }
        }

        foreach (var (machine, process) in scene.Dispatches.All.Where(
            r => !scene.Excuses.Has(r.Machine) && !scene.Excuses.Has(r.Process)
                && !scene.Dispatches.IsForgotten(r.Process.Launch.Dispatch.Value)))
        {
            Judge(machine, process, recorded[process.Launch.Dispatch.Value].LastOrDefault());
        }
    }

    private void Judge(VirtualMachine machine, VirtualProcess process, DispatchOutcome? outcome)
    {
        var kind = outcome?.Kind;
        if (process.LostFetch && process.JobId is null && kind == OutcomeKind.NoTask && scene.WasAssigned(process))
        {
            scene.Findings.Violate("J17", $"{process.Launch.Dispatch} was assigned a job, lost the answer, and is recorded as {kind}");
            return;
        }

        var right = process.ExitCode switch
        {
            _ when process.ForgedExit is not null => kind is OutcomeKind.Completed or OutcomeKind.Cancelled or OutcomeKind.Lost,
            0 when process.JobId is null => kind is OutcomeKind.NoTask or OutcomeKind.Cancelled or OutcomeKind.Lost,
            0 => kind is OutcomeKind.Completed or OutcomeKind.Cancelled,
            2 => kind is OutcomeKind.NoTask or OutcomeKind.Cancelled
                || (process.LostFetch && kind is OutcomeKind.Lost or OutcomeKind.FailedToStart),
            null or >= 128 => kind is OutcomeKind.Cancelled or OutcomeKind.Lost,
            _ => kind is OutcomeKind.FailedToStart or OutcomeKind.Cancelled,
        };
        if (!right)
        {
            var code = process.ForgedExit is { } forged
                ? $"a forged {forged}"
                : process.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "no code";
            scene.Findings.Violate(
                process.ForgedExit is null ? "J10" : "J11",
                $"{process.Launch.Dispatch} on {machine.Instance.Name} ended with {code} and is recorded as " +
                $"{kind?.ToString() ?? "nothing"}: {outcome?.Detail}");
        }
    }
}
