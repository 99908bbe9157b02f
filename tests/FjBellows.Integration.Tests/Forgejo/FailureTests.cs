using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FjBellows.Jobs;
using Microsoft.AspNetCore.Http;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

public sealed class FailureTests
{
    [Theory]
    [InlineData(401, """{"message":"access token does not exist [sha: ]"}""", ForgejoErrorKind.Unauthorized, "does not know the token")]
    [InlineData(
        403, """{"message":"token does not have at least one of required scope(s): [write:organization]"}""",
        ForgejoErrorKind.Unauthorized, "lacks the permission write:organization")]
    [InlineData(
        403, """{"message":"Must be an organization owner"}""", ForgejoErrorKind.Unauthorized, "must be an owner of the organisation acme")]
    [InlineData(
        404, """{"message":"The target couldn't be found.","errors":[]}""", ForgejoErrorKind.NotFound,
        "Forgejo 15 or newer is needed, or the scope 'orgs/acme' does not exist")]
    [InlineData(404, "<html>nginx</html>", ForgejoErrorKind.NotFound, "Forgejo 15 or newer is needed")]
    [InlineData(422, """{"message":"[Name]: Required"}""", ForgejoErrorKind.Rejected, "[Name]: Required")]
    [InlineData(500, """{"message":""}""", ForgejoErrorKind.Unreachable, "answered 500")]
    [InlineData(502, "<html>bad gateway</html>", ForgejoErrorKind.Unreachable, "answered 502")]
    public async Task A_refusal_says_what_was_asked_what_came_back_and_what_to_do(
        int status, string body, ForgejoErrorKind kind, string words)
    {
        await using var server = await CannedServer.AlwaysAsync(status, body);
        using var client = Client(server.Url);

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(words);
        failure.Message.ShouldContain($"{server.Url}api/v1/orgs/acme/actions/runners/jobs");
    }

    [Theory]
    [Trait("Invariant", "R2")]
    [InlineData(429, ForgejoErrorKind.RateLimited)]
    [InlineData(503, ForgejoErrorKind.Unreachable)]
    public async Task Retry_after_is_read_as_seconds_and_as_a_date(int status, ForgejoErrorKind kind)
    {
        // A clock of its own, an hour off ours: a date counts from the sender's clock.
        var theirs = DateTimeOffset.UtcNow.AddHours(1);
        var waits = new Queue<string>(
            ["17", theirs.AddSeconds(90).ToString("R", CultureInfo.InvariantCulture), "nonsense", theirs.AddHours(-2)
                .ToString("R", CultureInfo.InvariantCulture)]);
        await using var server = await CannedServer.StartAsync((context, _) => CannedServer.AnswerAsync(
            context, status, "slow down", "text/plain", ("Date", theirs.ToString("R", CultureInfo.InvariantCulture)),
            ("Retry-After", waits.Dequeue())));
        using var client = Client(server.Url);

        foreach (var expected in new TimeSpan?[] { TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(90), null, TimeSpan.Zero })
        {
            var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));
            failure.Kind.ShouldBe(kind);
            failure.RetryAfter.ShouldBe(expected);
        }
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task A_server_that_hangs_before_or_within_its_answer_costs_one_timeout()
    {
        var within = false;
        await using var server = await CannedServer.StartAsync(async (context, self) =>
        {
            if (within)
            {
                await context.Response.WriteAsync("[{");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, self.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = Client(server.Url, timeout: TimeSpan.FromMilliseconds(300));

        foreach (var w in new[] { false, true })
        {
            within = w;
            var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None)).WaitAsync(TimeSpan.FromMinutes(2));
            failure.Kind.ShouldBe(ForgejoErrorKind.Unreachable);
            failure.Message.ShouldContain("was not answered within 0.3 s");
        }
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task Cancelling_ends_a_call_at_once_and_as_a_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = await CannedServer.StartAsync(async (_, self) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, self.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = Client(server.Url);

        await Should.ThrowAsync<OperationCanceledException>(() => client.ListAsync(cancel.Token).WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task An_answer_cut_short_by_the_connection_is_unreachable()
    {
        await using var server = await CannedServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("[{\"id\":1,");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = Client(server.Url);

        (await FailureAsync(() => client.ListAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
    }

    [Fact]
    public async Task A_closed_port_is_unreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = Client(new Uri($"http://127.0.0.1:{port}"));

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        failure.Kind.ShouldBe(ForgejoErrorKind.Unreachable);
        failure.Message.ShouldContain("Is forgejo.url right");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_token()
    {
        await using var elsewhere = await CannedServer.AlwaysAsync(200, "[]");
        await using var server = await CannedServer.AlwaysAsync(301, "", "text/html", ("Location", elsewhere.Url.ToString()));
        using var client = Client(server.Url);

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        failure.Kind.ShouldBe(ForgejoErrorKind.Rejected);
        failure.Message.ShouldContain(elsewhere.Url.ToString());
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void A_url_with_a_password_is_refused() =>
        Should.Throw<ArgumentException>(() => Client(new Uri("https://bot:hunter2@forge.example"))).Message.ShouldNotContain("hunter2");
}
