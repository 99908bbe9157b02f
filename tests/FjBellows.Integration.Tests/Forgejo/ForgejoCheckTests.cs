using System.Globalization;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

public sealed class ForgejoCheckTests
{
    [Fact]
    public async Task All_is_well()
    {
        await using var server = await ForgeAsync();
        using var client = Client(server.Url);

        var findings = await client.CheckAsync(CancellationToken.None);

        findings.ShouldAllBe(f => f.Grade == ForgejoGrade.Good);
        findings.Count.ShouldBe(6);
        server.Requests.ShouldNotContain(r => r.Method == "DELETE");
        server.Requests.Single(r => r.Path.EndsWith("/version", StringComparison.Ordinal)).Authorization.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("14.0.5+gitea-1.22.0")]
    [InlineData("1.24.2")]
    public async Task An_old_forgejo_is_named(string version)
    {
        await using var server = await ForgeAsync(version);
        using var client = Client(server.Url);

        var error = (await client.CheckAsync(CancellationToken.None)).Where(f => f.Grade == ForgejoGrade.Error).ShouldHaveSingleItem();

        error.Message.ShouldContain(version);
        error.Message.ShouldContain("15 or newer");
    }

    [Fact]
    public async Task A_token_that_may_only_read_is_told_by_the_permission_it_lacks()
    {
        await using var server = await ForgeAsync(
            register: (403, """{"message":"token does not have at least one of required scope(s): [write:organization]"}"""));
        using var client = Client(server.Url);

        var error = (await client.CheckAsync(CancellationToken.None)).Where(f => f.Grade == ForgejoGrade.Error).ShouldHaveSingleItem();

        error.Message.ShouldContain("lacks the permission write:organization");
    }

    [Fact]
    public async Task A_server_that_takes_the_nameless_runner_gets_it_deleted_again()
    {
        await using var server = await ForgeAsync(register: (201, """{"id":99,"uuid":"u","token":"t"}"""));
        using var client = Client(server.Url);

        (await client.CheckAsync(CancellationToken.None)).ShouldAllBe(f => f.Grade == ForgejoGrade.Good);
        server.Requests.Single(r => r.Method == "DELETE").Path.ShouldEndWith("/runners/99");
    }

    [Fact]
    public async Task A_wrong_clock_is_a_warning()
    {
        await using var server = await ForgeAsync(date: DateTimeOffset.UtcNow.AddMinutes(-10));
        using var client = Client(server.Url);

        var warning = (await client.CheckAsync(CancellationToken.None)).Where(f => f.Grade == ForgejoGrade.Warning).ShouldHaveSingleItem();

        warning.Message.ShouldContain("behind this host's");
    }

    [Fact]
    public async Task Another_root_url_is_named_with_what_breaks()
    {
        await using var server = await ForgeAsync(
            register: (422, """{"message":"[Name]: Required","url":"https://git.example:8443/api/swagger"}"""));
        using var client = Client(server.Url);

        var warning = (await client.CheckAsync(CancellationToken.None)).Where(f => f.Grade == ForgejoGrade.Warning).ShouldHaveSingleItem();

        warning.Message.ShouldContain("git.example:8443");
        warning.Message.ShouldContain("artifacts");
        client.RootUrl.ShouldBe(new Uri("https://git.example:8443/"));
    }

    [Fact]
    public void A_root_url_below_the_same_address_is_fine_and_another_scheme_is_not()
    {
        RootUrlFinding.Of(new("https://forge.example"), new("https://forge.example:443/git/")).Grade.ShouldBe(ForgejoGrade.Good);
        RootUrlFinding.Of(new("http://forge.example"), new("https://forge.example/")).Grade.ShouldBe(ForgejoGrade.Warning);
    }

    [Fact]
    public async Task A_version_hidden_behind_sign_in_is_asked_for_with_the_token()
    {
        await using var server = await CannedServer.StartAsync((context, _) => context.Request.Headers.Authorization.Count == 0
            ? CannedServer.AnswerAsync(context, 403, """{"message":"Only signed in user is allowed to call APIs."}""")
            : CannedServer.AnswerAsync(context, 200, """{"version":"16.0.0-dev-12-abcdef"}"""));
        using var client = Client(server.Url);

        (await client.VersionAsync(CancellationToken.None)).ShouldBe(new ForgejoVersion(16, 0, 0, "16.0.0-dev-12-abcdef"));
    }

    [Fact]
    public async Task A_web_page_instead_of_a_version_is_malformed()
    {
        await using var server = await CannedServer.AlwaysAsync(200, "<html>Welcome</html>", "text/html");
        using var client = Client(server.Url);

        (await FailureAsync(() => client.VersionAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Malformed);
    }

    private static Task<CannedServer> ForgeAsync(
        string version = "15.0.3+gitea-1.22.0", (int Status, string Body)? register = null, DateTimeOffset? date = null) =>
        CannedServer.StartAsync((context, _) =>
        {
            context.Response.Headers.Date = (date ?? DateTimeOffset.UtcNow).ToString("R", CultureInfo.InvariantCulture);
            var (status, body) = (context.Request.Method, context.Request.Path.Value!) switch
            {
                ("GET", "/api/v1/version") => (200, $$"""{"version":"{{version}}"}"""),
                ("GET", var path) when path.EndsWith("/jobs", StringComparison.Ordinal) => (200, "null"),
                ("GET", _) => (200, "[]"),
                ("POST", _) => register ?? (422, """{"message":"[Name]: Required"}"""),
                _ => (204, ""),
            };
            return CannedServer.AnswerAsync(context, status, body);
        });
}
