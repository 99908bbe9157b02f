using System.Text.Json;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;

namespace FjBellows.Integration.Tests.Daemon;

public sealed class CheckTests : IDisposable
{
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_sound_configuration_is_fine_and_nothing_is_made()
    {
        var report = await CheckAsync();

        report.ExitCode.ShouldBe(ExitCode.Ok, report.ToText());
        report.Lines.ShouldAllBe(l => l.Level == Severity.Ok);
        report.Lines.Select(l => l.Subject).ShouldBe(["config", "ssh key", "state"]);
        report.ToText().ShouldEndWith("0 errors, 0 warnings\n");
        Directory.Exists(_files.State).ShouldBeFalse();
        File.Exists(_files.Lock).ShouldBeFalse();
    }

    [Fact]
    public async Task Files_that_others_may_read_are_warned_of()
    {
        _files.Write("config.yaml", File.ReadAllText(_files.Config), Everyone);
        _files.Write("id", File.ReadAllText(_files.At("id")), Everyone);

        var report = await CheckAsync();

        report.ExitCode.ShouldBe(ExitCode.Ok);
        report.Lines.Where(l => l.Level == Severity.Warning).Select(l => (l.Subject, l.Fix))
            .ShouldBe([("file mode", $"chmod 600 {_files.Config}"), ("ssh key", $"chmod 600 {_files.At("id")}")]);
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("ssh-ed25519 AAAA user@host\n", "is a public key")]
    [InlineData("not a key\n", "is not a private key")]
    public async Task A_key_that_cannot_log_in_is_an_error(string? content, string reason)
    {
        File.Delete(_files.At("id"));
        if (content is not null)
        {
            _files.Write("id", content);
        }

        var report = await CheckAsync();

        report.ExitCode.ShouldBe(ExitCode.Failure);
        report.Lines.Single(l => l.Level == Severity.Error).Message.ShouldContain(reason);
    }

    [Fact]
    public async Task A_state_directory_that_takes_no_files_is_an_error()
    {
        var report = await CheckAsync(o => o with { StateDirectory = "/proc/fj-bellows" });

        report.Lines.Single(l => l.Level == Severity.Error).Subject.ShouldBe("state");
        report.ExitCode.ShouldBe(ExitCode.Failure);
    }

    [Theory]
    [InlineData("127.0.0.1:9876", null)]
    [InlineData("[::1]:9876", null)]
    [InlineData("localhost:0", null)]
    [InlineData("", null)]
    [InlineData("0.0.0.0:9876", "not a loopback")]
    [InlineData(":9876", "not a loopback")]
    [InlineData("[::]:9876", "not a loopback")]
    [InlineData("192.0.2.1:9876", "not a loopback")]
    [InlineData("127.0.0.1", "not an address and port")]
    [InlineData("127.0.0.1:http", "not an address and port")]
    [InlineData("127.0.0.1:70000", "not an address and port")]
    [Trait("Invariant", "S9")]
    public async Task The_control_plane_needs_a_token_anywhere_but_on_loopback(string listen, string? reason)
    {
        var report = await CheckAsync(o => o with { ControlListen = listen });

        report.Lines.FirstOrDefault(l => l.Subject == "control")?.Message.ShouldContain(reason.ShouldNotBeNull());
        report.ExitCode.ShouldBe(reason is null ? ExitCode.Ok : ExitCode.Usage);
        if (reason?.Contains("loopback", StringComparison.Ordinal) == true)
        {
            var token = _files.Write("token", "0123456789abcdef0123456789abcdef\n");
            (await CheckAsync(o => o with { ControlListen = listen, ControlTokenFile = token })).ExitCode.ShouldBe(ExitCode.Ok);
        }
    }

    [Theory]
    [InlineData("short\n")]
    [InlineData(null)]
    [Trait("Invariant", "S9")]
    public async Task A_control_token_that_protects_nothing_is_refused(string? token)
    {
        if (token is not null)
        {
            _files.Write("token", token);
        }

        (await CheckAsync(o => o with { ControlTokenFile = _files.At("token") })).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task What_cannot_be_reached_is_reported_without_a_secret()
    {
        var report = await CheckAsync(offline: false);

        report.ExitCode.ShouldBe(ExitCode.Failure);
        report.Lines.ShouldContain(l => l.Subject == "forgejo" && l.Level == Severity.Error);
        report.ToText().ShouldNotContain("canary");
        report.ToJson().ShouldNotContain("canary");
    }

    [Fact]
    public async Task Json_has_the_same_findings()
    {
        File.WriteAllText(_files.Config, "forgejo: [");
        var report = await CheckAsync();

        using var json = JsonDocument.Parse(report.ToJson());
        json.RootElement.GetProperty("errors").GetInt32().ShouldBe(1);
        var finding = json.RootElement.GetProperty("findings")[0];
        finding.GetProperty("level").GetString().ShouldBe("error");
        finding.GetProperty("place").GetString().ShouldStartWith(_files.Config + ":");
        finding.GetProperty("fix").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("/no/such/file", "does not exist")]
    [InlineData("/", "is a directory")]
    public async Task A_file_that_cannot_be_read_says_why(string path, string reason) =>
        (await CheckAsync(o => o with { ConfigFile = path })).Lines.ShouldHaveSingleItem().Message.ShouldContain(reason);

    [Fact]
    public async Task A_huge_file_is_not_read()
    {
        using (var file = File.OpenWrite(_files.Config))
        {
            file.SetLength(10L * 1024 * 1024 * 1024);
        }

        (await CheckAsync()).Lines[0].Message.ShouldContain("10,737,418,240 bytes");
    }

    private Task<CheckReport> CheckAsync(Func<DaemonOptions, DaemonOptions>? change = null, bool offline = true)
    {
        var options = new DaemonOptions { ConfigFile = _files.Config, LockFile = _files.Lock, StateDirectory = _files.State };
        return CheckCommand.RunAsync(change?.Invoke(options) ?? options, ProviderModules.BuiltIn, offline, CancellationToken.None);
    }
}
