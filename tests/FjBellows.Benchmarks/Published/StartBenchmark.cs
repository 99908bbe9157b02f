namespace FjBellows.Benchmarks.Published;

/// <summary>From the start of the process until it asks Forgejo for jobs.</summary>
internal static class StartBenchmark
{
    private const int Runs = 7;

    public static async Task<int> RunAsync(string program)
    {
        var figure = new Figure($"published program: start to first poll ({Runs} starts on one state directory)");
        var (times, processor) = (new List<double>(), new List<double>());
        var world = await World.StartAsync().ConfigureAwait(false);
        await using (world.ConfigureAwait(false))
        {
            for (var i = 0; i < Runs; i++)
            {
                var before = world.Polls;
                var daemon = PublishedProgram.Start(program, world.Arguments);
                await using (daemon.ConfigureAwait(false))
                {
                    await daemon.UntilAsync("its first poll", () => world.Polls > before).ConfigureAwait(false);
                    times.Add(daemon.Age);
                    processor.Add(daemon.Processor);
                }
            }
        }

        var median = Figure.At(times, 0.5);
        return figure.Row(
            "≤ 1.0 s",
            $"median {Figure.N(median)} s, best {Figure.N(times.Min())} s, worst {Figure.N(times.Max())} s; processor time " +
            $"{Figure.N(Figure.At(processor, 0.5))} s",
            median <= 1.0);
    }
}
