using System.Globalization;

namespace FjBellows.Simulation.Tests;

/// <summary>Finds for each kind of real fault the first random history in which the product does not stand it.</summary>
internal static class FaultSearch
{
    /// <summary>Prints a row for each kind: how many histories had it, the first that broke a rule, after what simulated time, and which
    /// rules broke how often.</summary>
    /// <param name="seeds">How many seeds to try from <see cref="HistoryGenerator.Real"/> on.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="output">Takes the table.</param>
    public static int Run(int seeds, int threads, TextWriter output)
    {
        var all = Enumerable.Range(HistoryGenerator.Real, seeds).ToArray();
        var kinds = all.SelectMany(s => HistoryGenerator.Of(s, FaultSet.All).Events).Select(e => e.Kind).Distinct()
            .Where(IsReal).Order(StringComparer.Ordinal).ToArray();
        Parallel.ForEach(kinds, new ParallelOptions { MaxDegreeOfParallelism = threads }, kind =>
        {
            var only = new FaultSet(e => !IsReal(e.Kind) || e.Kind == kind);
            Dictionary<string, int> rules = [];
            var (tried, first, simulated) = (0, 0, TimeSpan.Zero);
            foreach (var history in all.Select(s => HistoryGenerator.Of(s, only)).Where(h => h.Events.Any(e => e.Kind == kind)))
            {
                tried++;
                var run = HistoryRun.Of(history);
                foreach (var rule in run.Violations.Select(v => v.Rule).Distinct())
                {
                    rules[rule] = rules.GetValueOrDefault(rule) + 1;
                }

                if (run.Violations.Count > 0 && Environment.GetEnvironmentVariable("FJB_SIMULATION_TELL") == "1")
                {
                    lock (output)
                    {
                        output.WriteLine($"{kind} {history.Seed}: {string.Join("; ", run.Violations.Take(2))}");
                    }
                }

                if (first == 0 && run.Violations.Count > 0)
                {
                    (first, simulated) = (history.Seed, run.Violations[0].At);
                }
            }

            lock (output)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {kind} | {tried} | {(first == 0 ? "none" : first)} | {simulated:d\\.hh\\:mm} | " +
                    $"{string.Join(", ", rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} {r.Value}"))} |"));
                output.Flush();
            }
        });
        return 0;
    }

    /// <summary>True for what only <see cref="RealFaults"/> draws.</summary>
    private static bool IsReal(string kind) => kind.StartsWith(nameof(CommandsFail), StringComparison.Ordinal) || RealKinds.Contains(kind);

    private static readonly HashSet<string> RealKinds = new(StringComparer.Ordinal)
    {
        nameof(TunnelOnly), nameof(ForgejoAway), nameof(FetchAnswersLost), nameof(ProcessUnkillable), nameof(JobForgesExit),
        nameof(JobNeverStarts),
        nameof(JobsNotHandedOut), nameof(StrangeJobsArrive), nameof(GroupArrives), nameof(CreatesSucceedLate), nameof(MachinesBroken),
        nameof(AccountIs),
        nameof(HistoryRefusesText), nameof(RunnersListedBadly), nameof(ClockSet), nameof(HostSuspended), nameof(CloudClockWrong),
        nameof(JournalRestored),
        nameof(DaemonUpgraded),
    };
}
