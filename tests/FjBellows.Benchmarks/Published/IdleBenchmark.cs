namespace FjBellows.Benchmarks.Published;

/// <summary>What the program costs while nothing waits: a quiet queue, no worker, default polls.</summary>
internal static class IdleBenchmark
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string program)
    {
        var figure = new Figure("published program with nothing to do, watched for a minute");
        var world = await World.StartAsync().ConfigureAwait(false);
        await using (world.ConfigureAwait(false))
        {
            var daemon = PublishedProgram.Start(program, world.Arguments);
            await using (daemon.ConfigureAwait(false))
            {
                await daemon.UntilAsync("its first poll", () => world.Polls > 0).ConfigureAwait(false);
                await Task.Delay(Settling).ConfigureAwait(false);
                var (age, processor) = (daemon.Age, daemon.Processor);
                await Task.Delay(Watched).ConfigureAwait(false);
                var share = (daemon.Processor - processor) / (daemon.Age - age);
                var resident = daemon.ResidentMegabytes;
                return figure.Row(
                    "≤ 0.5 % of a core, ≤ 130 MB",
                    $"{Figure.N(share * 100)} % of a core, {Figure.N(resident, "0")} MB resident",
                    share <= 0.005 && resident <= 130);
            }
        }
    }
}
