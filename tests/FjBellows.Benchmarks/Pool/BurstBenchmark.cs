namespace FjBellows.Benchmarks.Pool;

/// <summary>50 jobs of 2 s queued at once on 20 warm workers; ideal are three rounds of 2 s.</summary>
internal static class BurstBenchmark
{
    private const int Workers = 20;
    private const int Jobs = 50;
    private const int Seconds = 2;
    private const int Runs = 5;

    public static async Task<int> RunAsync(IReadOnlyList<string> runner)
    {
        var figure = new Figure(
            $"{Jobs} jobs of {Seconds} s at once on {Workers} warm workers, queue seen in the last two minutes ({Runs} bursts)");
        var ideal = Math.Ceiling((double)Jobs / Workers) * Seconds;
        var times = new List<double>();
        var pool = await SandboxPool.WarmAsync(Workers, runner).ConfigureAwait(false);
        await using (pool.ConfigureAwait(false))
        {
            using var turns = pool.Watch();
            for (var i = 0; i < Runs; i++)
            {
                await pool.IdleAsync(Workers).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(2 + ((double)i / Runs))).ConfigureAwait(false);
                var jobs = await pool.RunAsync(Jobs, $"sleep {Seconds}").ConfigureAwait(false);
                var queued = jobs.Min(j => j.QueuedAt)!.Value;
                times.Add((jobs.Max(j => j.Current!.StoppedAt)!.Value - queued).TotalSeconds);
                Console.Error.WriteLine(
                    $"burst {i}: all done after {times[^1]:0.00} s; first start {jobs.Min(j => j.Current!.Wait).TotalSeconds:0.00} s, " +
                    $"20th {jobs.Order(j => j.Current!.Wait, Workers - 1):0.00} s, last " +
                    $"{jobs.Max(j => j.Current!.Wait).TotalSeconds:0.00} s; " +
                    $"a job takes {jobs.Average(j => (j.Current!.StoppedAt!.Value - j.Current.StartedAt).TotalSeconds):0.00} s; " +
                    $"{turns.Take()}");
            }
        }

        var median = Figure.At(times, 0.5);
        return figure.Row(
            $"≤ {Figure.N(ideal * 1.25, "0.0")} s (1.25 × {ideal:0} s)",
            $"median {Figure.N(median)} s ({Figure.N(median / ideal)} ×), best {Figure.N(times.Min())} s, worst {Figure.N(times.Max())} s",
            median <= ideal * 1.25);
    }

    private static double Order(
        this IEnumerable<FjBellows.Sandbox.Forge.ForgeJob> jobs, Func<FjBellows.Sandbox.Forge.ForgeJob, TimeSpan> by, int place) =>
        jobs.Select(by).Order().ElementAt(place).TotalSeconds;
}
