namespace FjBellows.Benchmarks.Published;

/// <summary>
/// The program starts on the journal of 200 idle workers, five jobs behind each. One job more waits than there are workers, so the first
/// thing it does once every worker has reported is to buy one: that call, with the purchase's own journal entries, is taken for the end of
/// the recovery.
/// </summary>
internal static class RecoveryBenchmark
{
    private const int Workers = 200;
    private const int JobsEach = 5;
    private const int Runs = 3;

    public static async Task<int> RunAsync(string program)
    {
        var figure = new Figure($"published program: recovery of {Workers} workers, {3 + (4 * JobsEach)} events each ({Runs} starts)");
        var (recoveries, totals, processor, resident) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Runs; i++)
        {
            var world = await World.StartAsync(max: Workers + 1).ConfigureAwait(false);
            await using (world.ConfigureAwait(false))
            {
                await world.RememberAsync(Workers, JobsEach).ConfigureAwait(false);
                world.Queue(Workers + 1);
                var daemon = PublishedProgram.Start(program, world.Arguments);
                await using (daemon.ConfigureAwait(false))
                {
                    // The pool has read its own journal and spawns its workers when it asks for jobs.
                    await daemon.UntilAsync("its first poll", () => world.Polls > 0).ConfigureAwait(false);
                    var polled = daemon.Age;
                    await daemon.UntilAsync("its purchase", () => world.Bought > 0).ConfigureAwait(false);
                    totals.Add(daemon.Age);
                    recoveries.Add(daemon.Age - polled);
                    processor.Add(daemon.Processor);
                    resident.Add(daemon.ResidentMegabytes);
                }
            }
        }

        var median = Figure.At(totals, 0.5);
        return figure.Row(
            "≤ 2.5 s",
            $"from the process's start median {Figure.N(median)} s, best {Figure.N(totals.Min())} s, worst {Figure.N(totals.Max())} s; " +
            $"of it after the first poll {Figure.N(Figure.At(recoveries, 0.5))} s; " +
            $"processor time {Figure.N(Figure.At(processor, 0.5))} s, {Figure.N(Figure.At(resident, 0.5), "0")} MB resident",
            median <= 2.5);
    }
}
