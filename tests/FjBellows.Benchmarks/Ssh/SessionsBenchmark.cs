using System.Diagnostics;
using FjBellows.Dispatch;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>What many warm sessions with tunnels cost while nothing happens.</summary>
internal static class SessionsBenchmark
{
    public static async Task<int> RunAsync(int count)
    {
        using var sshd = new Sshd();
        await Task.Delay(1000).ConfigureAwait(false);
        await (await sshd.ConnectAsync(Sshd.EndPoint, 24000).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        var before = Resident();

        var clock = Stopwatch.StartNew();
        var sessions = new List<IWorkerSession>();
        foreach (var chunk in Enumerable.Range(24001, count).Chunk(10))
        {
            sessions.AddRange(await Task.WhenAll(chunk.Select(port => sshd.ConnectAsync(Sshd.EndPoint, port))).ConfigureAwait(false));
        }

        Console.WriteLine($"{count} sessions with tunnels in {clock.Elapsed.TotalSeconds:0.0} s");
        await Task.Delay(TimeSpan.FromSeconds(3)).ConfigureAwait(false);
        using var self = Process.GetCurrentProcess();
        var busy = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        self.Refresh();
        Console.WriteLine(
            $"idle: {(self.TotalProcessorTime - busy).TotalSeconds / 30:P1} of a core over 30 s, {self.Threads.Count} threads");
        var after = Resident();
        Console.WriteLine(
            $"resident: {before >> 20} MiB before, {after >> 20} MiB after, {(after - before) / 1048576.0 / count:0.00} MiB a session");
        Console.WriteLine($"lost: {sessions.Count(session => session.Lost.IsCompleted)}");
        await Task.WhenAll(sessions.Select(session => session.DisposeAsync().AsTask())).ConfigureAwait(false);
        return 0;
    }

    private static long Resident()
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
