using FjBellows.Daemon.Commands;

namespace FjBellows.Integration.Tests.Daemon;

public sealed class CommandLineTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("-confg")]
    [InlineData("chekc")]
    [InlineData("-drain=perhaps")]
    [InlineData("-drain-timeout=5")]
    [InlineData("-drain-timeout=-5s")]
    [InlineData("-drain-timeout")]
    [InlineData("--log-level=loud")]
    [InlineData("--log-format=xml")]
    public async Task A_wrong_flag_ends_with_2_and_says_which(string flag)
    {
        var (code, output, error) = await InvokeAsync(flag);

        code.ShouldBe((int)ExitCode.Usage);
        output.ShouldBeEmpty();
        error.ShouldStartWith("fj-bellows: ");
        error.ShouldContain("fj-bellows help");
        error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("-config", "F")]
    [InlineData("--config", "F")]
    [InlineData("-config=F")]
    [InlineData("--config=F")]
    public async Task Flags_have_one_dash_or_two_and_a_space_or_an_equals_sign(params string[] flag)
    {
        var missing = _files.At("missing.yaml");
        string[] config = [.. flag.Select(f => f.Replace("F", missing, StringComparison.Ordinal))];

        var (code, _, error) = await InvokeAsync(
            [.. config, "-drain=false", "--destroy-on-exit=0", "-drain-timeout=1h30m", "-enable-control-writes",
                "-control-listen=127.0.0.1:0", "-runner-version", "12.10.1"]);

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain($"{missing}: error: the file does not exist");
    }

    [Fact]
    public async Task Help_and_version_are_answers()
    {
        foreach (var args in (string[][])[
            ["help"], ["-h"], ["--help"], ["-help"], ["help", "check"], ["--version"], ["-version"], ["schema"], ["docs", "configuration"]])
        {
            var (code, output, error) = await InvokeAsync(args);
            code.ShouldBe(0, string.Join(' ', args));
            output.ShouldNotBeNullOrWhiteSpace();
            error.ShouldBeEmpty();
        }
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task An_open_control_plane_without_a_token_refuses_to_start()
    {
        var (code, _, error) = await InvokeAsync(
            "-config", _files.Config, "-lock", _files.Lock, "--state", _files.State, "-control-listen", "0.0.0.0:9876");

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain("not a loopback address");
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_lists_everything_and_ends_with_2()
    {
        File.WriteAllText(_files.Config, "forgejo: {url: x}\nprovider: nowhere\nscael: {}\n");

        var (code, _, error) = await InvokeAsync(_files.Arguments);

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain("config.yaml:2:11: error: there is no provider 'nowhere'");
        error.ShouldContain("fix: did you mean 'scale'?");
        error.ShouldContain("forgejo.token is missing");
        File.Exists(_files.Lock).ShouldBeFalse();
    }

    private static async Task<(int Code, string Output, string Error)> InvokeAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.InvokeAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
