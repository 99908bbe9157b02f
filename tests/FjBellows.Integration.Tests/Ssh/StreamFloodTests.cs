namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A job that takes hold of the streams of the connection's own processes and writes to them without end.</summary>
[Needs(Part.Sshd, Part.Python3)]
[Trait("Invariant", "S11")]
public sealed class StreamFloodTests
{
    // pidfd_open and pidfd_getfd: a socket cannot be opened by its name in /proc.
    private const string Flood = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None)
        fd = libc.syscall(438, libc.syscall(434, int(sys.argv[1]), 0), int(sys.argv[2]), 0)
        while True:
            os.write(fd, b'x' * 65536)
        """;

    [Theory]
    [InlineData("keepalive", "pgrep -P $PPID -x cat", 1)]
    [InlineData("keepalive's errors", "pgrep -P $PPID -x cat", 2)]
    [InlineData("a shell that waits", "pgrep -P $PPID -x sh | grep -vx $$", 1)]
    public async Task It_ends_the_connection_with_a_reason_and_costs_this_process_little(string _, string target, int stream)
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        await File.WriteAllTextAsync(Path.Combine(bench.Host.Directory, "flood.py"), Flood);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var started = await session.ExecAsync(
            // The next shell begins to wait a moment after this command has begun.
            $"sleep 1; p=$({target} | head -n 1); echo $p; setsid /usr/bin/python3 {bench.Host.Directory}/flood.py $p {stream} > " +
            $"/dev/null 2>&1 < /dev/null & sleep 0.2",
            CancellationToken.None).ContinueWith(task => task.IsCompletedSuccessfully ? task.Result.Output : "", TaskScheduler.Default);

        (await session.Lost.WaitAsync(TimeSpan.FromSeconds(60))).ShouldContain("that were not requested", Case.Sensitive, started);
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(300L << 20);
    }
}
