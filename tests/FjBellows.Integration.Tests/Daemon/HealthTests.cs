using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Client;
using FjBellows.Integration.Tests.Forgejo;

namespace FjBellows.Integration.Tests.Daemon;

public sealed class HealthTests
{
    [Theory]
    [InlineData("127.0.0.1:9876", "http://127.0.0.1:9876/")]
    [InlineData(":9876", "http://127.0.0.1:9876/")]
    [InlineData("0.0.0.0:80", "http://127.0.0.1/")]
    [InlineData("[::]:9876", "http://127.0.0.1:9876/")]
    [InlineData("[::1]:9876", "http://[::1]:9876/")]
    [InlineData("localhost:9876", "http://localhost:9876/")]
    [InlineData("https://ci.example/bellows", "https://ci.example/bellows/")]
    public void A_daemon_is_asked_where_it_listens(string listen, string url) => DaemonAddress.UrlOf(listen).ShouldBe(new Uri(url));

    [Theory]
    [InlineData("")]
    [InlineData("9876")]
    [InlineData("localhost")]
    [InlineData("localhost:http")]
    [InlineData("off")]
    [InlineData("ftp://localhost/")]
    public void What_is_no_address_is_wrong_usage(string listen) =>
        Should.Throw<CommandException>(() => DaemonAddress.UrlOf(listen)).Code.ShouldBe(ExitCode.Usage);

    [Theory]
    [InlineData(200, "ok", 0)]
    [InlineData(503, "the queue has not been read for 2 min", 1)]
    [InlineData(302, "elsewhere", 1)]
    public async Task The_answer_becomes_the_exit_code(int status, string body, int code)
    {
        await using var daemon = await CannedServer.AlwaysAsync(status, body, "text/plain");

        var ended = await DaemonProcess.RunAsync("health", "-control-listen", daemon.Url.Authority);

        ended.ExitCode.ShouldBe(code, ended.Error);
        ended.Output.Trim().ShouldBe(body);
        daemon.Requests.ShouldHaveSingleItem().Path.ShouldBe("/healthz");
    }

    [Fact]
    public async Task The_environment_says_where_it_is_when_the_command_line_does_not()
    {
        await using var daemon = await CannedServer.AlwaysAsync(200, "ok", "text/plain");
        var environment = new Dictionary<string, string?> { ["FJB_LISTEN"] = daemon.Url.GetLeftPart(UriPartial.Authority) + "/proxied" };

        (await EndAsync("health")).ShouldBe(0);
        daemon.Requests.ShouldHaveSingleItem().Path.ShouldBe("/proxied/healthz");
        (await EndAsync("health", "-control-listen", "127.0.0.1:9")).ShouldBe(1);

        async Task<int> EndAsync(params string[] args)
        {
            using var health = DaemonProcess.Start(args, environment);
            return await health.ExitAsync();
        }
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_is_well()
    {
        var (code, _, error) = await DaemonProcess.RunAsync("health", "-control-listen", "127.0.0.1:9");

        code.ShouldBe(1);
        error.ShouldContain("http://127.0.0.1:9/");
    }
}
