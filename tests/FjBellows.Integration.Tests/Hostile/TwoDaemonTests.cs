using System.Diagnostics;
using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Journal;

namespace FjBellows.Integration.Tests.Hostile;

/// <summary>Two real daemons on one journal in PostgreSQL, on two hosts as far as they can tell: each has a lock file and a state directory
/// of its own.</summary>
[Trait("Invariant", "O5")]
public sealed class TwoDaemonTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private readonly DaemonFiles _one = new();
    private readonly DaemonFiles _two = new();

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task The_second_ends_with_3_and_names_the_first()
    {
        await ShareAsync();
        using var first = DaemonProcess.Start(_one.Arguments);
        await first.SaysAsync("ready");

        var (code, _, error) = await DaemonProcess.RunAsync(_two.Arguments);

        code.ShouldBe((int)ExitCode.Locked, error);
        error.ShouldContain($"(process {first.Id})");
        error.ShouldContain("from 127.0.0.1");
        error.ShouldContain("--standby");
    }

    [Fact]
    public async Task A_standby_takes_over_from_one_that_is_killed()
    {
        await ShareAsync();
        using var first = DaemonProcess.Start(_one.Arguments);
        await first.SaysAsync("ready");
        using var second = DaemonProcess.Start([.. _two.Arguments, "--standby"]);
        await second.SaysAsync("standing by");
        second.Error.ShouldNotContain("ready");

        await first.SignalAsync("KILL");
        var since = Stopwatch.StartNew();
        await second.SaysAsync("took over the pools");
        await second.SaysAsync("ready");

        // 15 s where the host is not busy with something else; the figure is what this test measured.
        since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        Console.WriteLine($"took over in {since.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task A_standby_that_is_told_to_stop_stops()
    {
        await ShareAsync();
        using var first = DaemonProcess.Start(_one.Arguments);
        await first.SaysAsync("ready");
        using var second = DaemonProcess.Start([.. _two.Arguments, "--standby"]);
        await second.SaysAsync("standing by");

        await second.SignalAsync("TERM");

        (await second.ExitAsync()).ShouldBe(0, second.Error);
    }

    private async Task ShareAsync()
    {
        var connection = await server.DatabaseAsync();
        foreach (var files in (DaemonFiles[])[_one, _two])
        {
            files.Write("config.yaml", $"{File.ReadAllText(files.Config)}\nstate: {{connection: \"{connection}\"}}\n");
        }
    }
}
