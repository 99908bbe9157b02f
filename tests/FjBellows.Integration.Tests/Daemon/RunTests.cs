using System.Text.Json;
using FjBellows.Daemon.Commands;

namespace FjBellows.Integration.Tests.Daemon;

public sealed class RunTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [Trait("Invariant", "R4")]
    public async Task A_signal_ends_the_daemon_at_once_with_0(string signal)
    {
        using var daemon = DaemonProcess.Start(_files.Arguments);
        await daemon.SaysAsync("ready");

        await daemon.SignalAsync(signal);

        (await daemon.ExitAsync()).ShouldBe((int)ExitCode.Ok, daemon.Error);
        daemon.Error.ShouldContain("stopped");
    }

    [Fact]
    [Trait("Invariant", "R4")]
    public async Task Draining_ends_by_itself_when_nothing_runs()
    {
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-drain", "-drain-timeout=30s"]);
        await daemon.SaysAsync("ready");

        await daemon.SignalAsync("TERM");

        (await daemon.ExitAsync()).ShouldBe((int)ExitCode.Ok, daemon.Error);
        daemon.Error.ShouldContain("drained; 0 workers left");
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task No_secret_reaches_the_log()
    {
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "--log-level=debug", "--log-format=json"]);
        await daemon.SaysAsync("cannot list");
        await daemon.SignalAsync("TERM");
        await daemon.ExitAsync();

        (daemon.Output + daemon.Error).ShouldNotContain("canary");
        foreach (var line in daemon.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            json.RootElement.TryGetProperty("@t", out _).ShouldBeTrue(line);
        }
    }

    [Fact]
    public async Task A_damaged_journal_ends_the_start_with_4_and_is_left_as_it_is()
    {
        Directory.CreateDirectory(_files.State);
        _files.Write("state/journal.db", "this is no database, however long it may be, and nobody should write over it");
        var before = File.ReadAllBytes(_files.At("state/journal.db"));

        var (code, _, error) = await DaemonProcess.RunAsync(_files.Arguments);

        code.ShouldBe((int)ExitCode.State, error);
        error.ShouldContain("journal.db");
        File.ReadAllBytes(_files.At("state/journal.db")).ShouldBe(before);
    }

    [Fact]
    public async Task An_unusable_state_directory_ends_the_start_with_4()
    {
        var (code, _, error) = await DaemonProcess.RunAsync("-config", _files.Config, "-lock", _files.Lock, "--state", "/proc/fj-bellows");

        code.ShouldBe((int)ExitCode.State);
        error.ShouldContain("/proc/fj-bellows");
    }

    [Fact]
    public async Task A_key_that_is_none_ends_the_start_with_2()
    {
        _files.Write("id", "nonsense");

        var (code, _, error) = await DaemonProcess.RunAsync(_files.Arguments);

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain(_files.At("id"));
        error.ShouldNotContain("   at ");
    }
}
