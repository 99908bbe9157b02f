using System.Diagnostics;
using System.Text;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Integration.Tests.Daemon;

namespace FjBellows.Integration.Tests.Hostile;

/// <summary>Files that are not what they seem: links, pipes, devices, configurations that never end.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FileAttackTests : IDisposable
{
    private const int LongEnough = 60;
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "O5")]
    public void A_link_in_place_of_the_lock_neither_empties_nor_makes_its_target()
    {
        var victim = _files.Write("victim", "precious");
        File.CreateSymbolicLink(_files.At("linked"), victim);
        File.CreateSymbolicLink(_files.At("dangling"), _files.At("made-by-link"));

        Should.Throw<CommandException>(() => DaemonLock.Take(_files.At("linked"))).Message.ShouldContain("symbolic link");
        Should.Throw<CommandException>(() => DaemonLock.Take(_files.At("dangling"))).Message.ShouldContain("symbolic link");

        File.ReadAllText(victim).ShouldBe("precious");
        File.Exists(_files.At("made-by-link")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pipe_in_place_of_the_lock_does_not_hang_the_start()
    {
        await MakePipeAsync("pipe");

        (await Task.Run(() => Should.Throw<CommandException>(() => DaemonLock.Take(_files.At("pipe"))))
            .WaitAsync(TimeSpan.FromSeconds(LongEnough))).Message.ShouldContain("not a regular file");
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("PIPE")]
    [InlineData("LARGE")]
    public async Task A_secret_is_read_from_a_small_regular_file_only(string source)
    {
        await MakePipeAsync("pipe");
        _files.Write("large", new string('x', 70_000));
        var path = source switch { "PIPE" => _files.At("pipe"), "LARGE" => _files.At("large"), _ => source };
        _files.Write(
            "config.yaml",
            File.ReadAllText(_files.Config).Replace("token: canary-token", $"token: 'file:{path}'", StringComparison.Ordinal));

        var loaded = await Task.Run(() => ConfigLoader.LoadFile(_files.Config, ProviderModules.BuiltIn))
            .WaitAsync(TimeSpan.FromSeconds(LongEnough));

        loaded.Config.ShouldBeNull();
        loaded.Findings.ShouldContain(f => f.Key == "forgejo.token" && f.Message.Contains(path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("duplicate")]
    [InlineData("unknown")]
    [InlineData("merged")]
    public async Task A_configuration_with_no_end_of_mistakes_is_refused_soon(string kind)
    {
        var text = new StringBuilder();
        switch (kind)
        {
            case "duplicate":
                text.Insert(0, "a:\n", 150_000);
                break;
            case "unknown":
                for (var i = 0; i < 100_000; i++)
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture, $"k{i}:\n");
                }

                break;
            default:
                text.Append("x: &x {");
                for (var i = 0; i < 9_000; i++)
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture, $"k{i}: 1,");
                }

                text.Append("}\ny:\n").Insert(text.Length, "  <<: *x\n", 50_000);
                break;
        }

        var before = GC.GetTotalAllocatedBytes();
        var loaded =
            await Task
                .Run(() => ConfigLoader.Load(
                    "config.yaml", Encoding.UTF8.GetBytes(text.ToString()), ProviderModules.BuiltIn,
                    ConfigSources.OfProcess(_files.Config)))
            .WaitAsync(TimeSpan.FromSeconds(LongEnough));

        loaded.Config.ShouldBeNull();
        loaded.Findings.Count.ShouldBeInRange(1, 101);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(1024L * 1024 * 1024);
    }

    [Theory]
    [InlineData("scope: '${FJB_CANARY}'", "s3cr3t-canary-value")]
    [InlineData("scope: '${FJB_CANARY}'", "repos/x/s3cr3t canary")]
    [InlineData("scope: admin, labels: ['${FJB_CANARY}']", "s3cr3t canary,value")]
    [InlineData("url: '${FJB_CANARY}', scope: admin", "ftp://s3cr3t-canary@host")]
    [Trait("Invariant", "S4")]
    public void No_finding_repeats_what_a_reference_stands_for(string keys, string secret)
    {
        var yaml = $"forgejo: {{token: x, {keys}}}\ntag: '${{FJB_CANARY}}'\nprovider: '${{FJB_CANARY}}'\n";

        var loaded = ConfigLoader.Load(
            "config.yaml", Encoding.UTF8.GetBytes(yaml), ProviderModules.BuiltIn,
            ConfigSources.OfProcess(_files.Config) with { Variable = name => name == "FJB_CANARY" ? secret : null });

        loaded.Findings.ShouldNotBeEmpty();
        loaded.Findings
            .ShouldAllBe(
                f => !f.ToString().Contains("s3cr3t", StringComparison.Ordinal)
                    && !f.ToString().Contains("canary", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://mirror.example.com/runner", false)]
    [InlineData("https://mirror.example.com/runner", true)]
    [InlineData("http://127.0.0.1:8080/runner", true)]
    [Trait("Invariant", "S12")]
    public void The_runner_is_not_downloaded_over_plain_http(string mirror, bool allowed)
    {
        _files.Write("config.yaml", $"{File.ReadAllText(_files.Config)}\nrunner: {{mirror: \"{mirror}\"}}\n");

        var loaded = ConfigLoader.LoadFile(_files.Config, ProviderModules.BuiltIn);

        (loaded.Config is not null).ShouldBe(allowed, string.Join('\n', loaded.Findings));
        loaded.Findings.Any(f => f.Key == "runner.mirror").ShouldBe(!allowed);
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task Check_warns_of_secrets_and_a_state_directory_that_others_may_touch()
    {
        var token = _files.Write(
            "token", "canary-token", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        _files.Write(
            "config.yaml", File.ReadAllText(_files.Config).Replace("token: canary-token", "token: 'file:token'", StringComparison.Ordinal));
        Directory.CreateDirectory(_files.State);
        File.SetUnixFileMode(_files.State, (UnixFileMode)0x1FF);
        using var output = new StringWriter();
        using var error = new StringWriter();

        await CommandLine.InvokeAsync(
            ["check", "--offline", "-config", _files.Config, "--state", _files.State, "-control-listen", "off"], output, error);

        output.ToString().ShouldContain($"{token} holds a secret, and may be read or written by every user (mode 644)");
        output.ToString().ShouldContain($"other users may write in {_files.State} (mode 777)");
        output.ToString().ShouldNotContain("canary");
    }

    private async Task MakePipeAsync(string name)
    {
        using var process = Process.Start("mkfifo", [_files.At(name)]);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }
}
