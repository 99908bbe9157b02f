namespace FjBellows.Benchmarks.Pool;

/// <summary>One job at a time on warm workers, each queued at a random moment: how long until a runner has it.</summary>
internal static class PickupBenchmark
{
    private const int Workers = 20;
    private const int Jobs = 60;

    public static async Task<int> RunAsync(IReadOnlyList<string> runner)
    {
        var figure = new Figure(
            $"a single job on {Workers} warm workers, queue seen in the last two minutes: queued to started ({Jobs} jobs)");
        var random = new Random(1);
        var waits = new List<double>();
        var pool = await SandboxPool.WarmAsync(Workers, runner).ConfigureAwait(false);
        await using (pool.ConfigureAwait(false))
        {
            for (var i = 0; i < Jobs; i++)
            {
                await pool.IdleAsync(Workers).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(1 + (2 * random.NextDouble()))).ConfigureAwait(false);
                waits.Add((await pool.RunAsync(1, "true").ConfigureAwait(false))[0].Current!.Wait.TotalSeconds);
            }
        }

        var p95 = Figure.At(waits, 0.95);
        return figure.Row(
            "p95 ≤ 1.3 s",
            $"p50 {Figure.N(Figure.At(waits, 0.5))} s, p95 {Figure.N(p95)} s, shortest {Figure.N(waits.Min())} s, longest " +
            $"{Figure.N(waits.Max())} s",
            p95 <= 1.3);
    }
}
