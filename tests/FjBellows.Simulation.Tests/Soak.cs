using System.Diagnostics;

namespace FjBellows.Simulation.Tests;

/// <summary>Runs fresh histories on all cores and counts.</summary>
internal static class Soak
{
    /// <summary>Runs until the time is up, the seeds are used up, or too much has failed.</summary>
    /// <returns>0 when nothing was violated.</returns>
    public static int Run(TimeSpan time, int firstSeed, int count, int threads, int mostFailures, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var gate = new Lock();
        var totals = new SoakTotals();
        var next = firstSeed - 1;
        void Work()
        {
            while (watch.Elapsed < time && totals.Failed < mostFailures)
            {
                var seed = Interlocked.Increment(ref next);
                if (seed - firstSeed >= count)
                {
                    return;
                }

                var run = HistoryRun.Of(HistoryGenerator.Of(seed));
                lock (gate)
                {
                    totals.Add(run);
                    if (run.Violations.Count > 0)
                    {
                        output.WriteLine(
                            $"=== seed {seed}: {run.Violations.Count} violation(s)\n{string.Join('\n', run.Violations.Take(3))}");
                        output.Flush();
                    }
                }
            }
        }

        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Work, 16 * 1024 * 1024)).ToArray();
        Array.ForEach(workers, t => t.Start());
        Array.ForEach(workers, t => t.Join());
        totals.Write(output, watch.Elapsed, firstSeed, threads);
        return totals.Failed == 0 ? 0 : 1;
    }
}

/// <summary>What a soak saw.</summary>
internal sealed class SoakTotals
{
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _uses = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _rules = new(StringComparer.Ordinal);
    private int _histories;
    private int _jobs;
    private int _machines;
    private int _kills;
    private long _steps;
    private TimeSpan _simulated;

    /// <summary>Histories with a violation.</summary>
    public int Failed { get; private set; }

    /// <summary>Counts one history.</summary>
    public void Add(HistoryRun run)
    {
        _histories++;
        _jobs += run.Jobs;
        _machines += run.Machines;
        _kills += run.Kills;
        _steps += run.Steps;
        _simulated += run.Simulated;
        Failed += run.Violations.Count > 0 ? 1 : 0;
        foreach (var e in run.History.Events)
        {
            var counts = e.IsFault ? _faults : _uses;
            counts[e.Kind] = counts.GetValueOrDefault(e.Kind) + 1;
        }

        foreach (var violation in run.Violations)
        {
            _rules[violation.Rule] = _rules.GetValueOrDefault(violation.Rule) + 1;
        }
    }

    /// <summary>Writes the figures.</summary>
    public void Write(TextWriter output, TimeSpan real, int firstSeed, int threads)
    {
        output.WriteLine($"{_histories} histories from seed {firstSeed} in {real:hh\\:mm\\:ss} on {threads} thread(s)");
        output.WriteLine(
            $"simulated hours {_simulated.TotalHours:F0} ({_simulated.TotalHours / real.TotalMinutes:F0} per real minute), steps " +
            $"{_steps}, job attempts {_jobs}, machines {_machines}, crashes {_kills}");
        output.WriteLine($"faults: {string.Join(", ", _faults.Select(f => $"{f.Key} {f.Value}"))}");
        output.WriteLine($"uses: {string.Join(", ", _uses.Select(f => $"{f.Key} {f.Value}"))}");
        output.WriteLine($"violations: {(_rules.Count == 0 ? "none" : string.Join(", ", _rules.Select(r => $"{r.Key} {r.Value}")))}");
        output.WriteLine($"memory {GC.GetTotalMemory(true) / 1048576} MiB");
    }
}
