using System.Diagnostics;
using Akka.Actor;
using FjBellows.Workers;

namespace FjBellows.Benchmarks.Journal;

/// <summary>How long an actor waits until an event of its own is safe on disk: SQLite, write-ahead log, every commit synced.</summary>
internal static class JournalBenchmark
{
    private const int Events = 500;
    private const int Actors = 20;

    public static async Task<int> RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("fjb-bench-").FullName;
        try
        {
            var journal = await JournalSystem.StartAsync(directory).ConfigureAwait(false);
            await using (journal.ConfigureAwait(false))
            {
                var figure = new Figure("one event safe in the journal, one writer");
                var alone = journal.Writer("worker-bench-alone");
                await TimesAsync(alone, 50).ConfigureAwait(false);
                var times = await TimesAsync(alone, Events).ConfigureAwait(false);
                figure.Row("none", $"p50 {Figure.N(Figure.At(times, 0.5))} ms, p95 {Figure.N(Figure.At(times, 0.95))} ms", null);

                figure = new Figure($"one event safe in the journal, {Actors} writers at once");
                var began = Stopwatch.GetTimestamp();
                var all = await Task.WhenAll(
                    Enumerable.Range(0, Actors)
                        .Select(i => TimesAsync(journal.Writer($"worker-bench-{i}"), Events / 5))).ConfigureAwait(false);
                var rate = Actors * (Events / 5) / Stopwatch.GetElapsedTime(began).TotalSeconds;
                times = [.. all.SelectMany(t => t)];
                return figure.Row(
                    "none", $"p50 {Figure.N(Figure.At(times, 0.5))} ms, p95 {Figure.N(Figure.At(times, 0.95))} ms, {rate:0} events/s",
                    null);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<List<double>> TimesAsync(IActorRef writer, int count)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await JournalSystem.WriteAsync(writer, new WorkerProtocol.JobStarted(DateTimeOffset.UtcNow)).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return times;
    }
}
