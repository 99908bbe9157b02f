using FjBellows.Sandbox.Forge;
using Spectre.Console;

namespace FjBellows.Daemon.Demo;

/// <summary>What came of a demo.</summary>
/// <param name="Jobs">The jobs as the stand-in knows them.</param>
/// <param name="Outcomes">The dispatches as the history keeps them.</param>
/// <param name="Ledgers">The workers as the history keeps them.</param>
/// <param name="InstancesLeft">Instances that still exist.</param>
internal sealed record DemoSummary(
    IReadOnlyList<ForgeJob> Jobs, IReadOnlyList<DispatchOutcome> Outcomes, IReadOnlyList<WorkerLedger> Ledgers, int InstancesLeft)
{
    /// <summary>What went wrong, as sentences; empty when every job ran once and nothing is left.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var job in Jobs.Where(j => j.Status != ForgeJobStatus.Skipped && j.Starts != 1))
        {
            yield return $"job {job.Id} ({job.Name}) was started {job.Starts} times";
        }

        foreach (var job in Jobs.Where(j => !j.IsDone))
        {
            yield return $"job {job.Id} ({job.Name}) is not done";
        }

        if (InstancesLeft > 0)
        {
            yield return $"{InstancesLeft} instances are left";
        }
    }

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        var ran = Outcomes.Where(o => o.Kind is OutcomeKind.Completed or OutcomeKind.Cancelled).ToArray();
        var waits = Jobs.Select(j => j.Current?.Wait.TotalSeconds).OfType<double>().Order().ToArray();
        var billed = Ledgers.Sum(l => l.Billed.TotalMinutes);
        var busy = Ledgers.Sum(l => l.Busy.TotalMinutes);
        var table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn(new TableColumn("").RightAligned()).HideHeaders();
        table.AddRow(
            "jobs that ran",
            $"{Jobs.Count(j => j.Starts > 0)} of {Jobs.Count}, {Jobs.Count(j => j.Status == ForgeJobStatus.Success)} passed");
        table.AddRow("workers provisioned", $"{Ledgers.Count(l => l.InstanceId is not null)}, {InstancesLeft} left");
        table.AddRow("wait, median and longest", waits.Length == 0 ? "-" : $"{waits[waits.Length / 2]:0.0} s, {waits[^1]:0.0} s");
        table.AddRow("starts on warm workers", $"{ran.Count(o => o.Assignment.Warm)} of {ran.Length}");
        table.AddRow("billed and used", $"{billed:0.0} min, {busy:0.0} min ({(billed > 0 ? busy / billed : 0):P0})");
        table.AddRow(
            "kept into another billed hour",
            $"{Ledgers.Count(l => l.CreatedAt is not null && l.Billed > Ledgers.Min(other => other.Billed))} of {Ledgers.Count} workers");
        table.AddRow("unused billed hours", $"{Ledgers.Sum(l => l.MissedBoundaries)}");
        console.Write(table);
        foreach (var problem in Problems())
        {
            console.MarkupLineInterpolated($"[red]{problem}[/]");
        }
    }
}
