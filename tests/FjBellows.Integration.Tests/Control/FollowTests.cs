using System.Net;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Client;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

/// <summary><c>events -f</c> and <c>logs -f</c> over a daemon that goes and comes back.</summary>
public sealed class FollowTests
{
    [Fact]
    public async Task A_daemon_that_goes_before_the_first_event_is_waited_for()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var first = await StartAsync();
        using var client = new ControlClient(new ControlTarget(first.Url));
        await using var events = client.StreamAsync("api/v1/events", ControlJson.Default.EventInfo, limit.Token)
            .GetAsyncEnumerator(limit.Token);
        var next = events.MoveNextAsync().AsTask();
        await ReadersAsync(first);
        await first.DisposeAsync();

        // Nobody listens for a while, and then a daemon that is not ready.
        await Task.Delay(TimeSpan.FromSeconds(1.5), limit.Token);
        await using (new Refuser(first.Url.Port, HttpStatusCode.ServiceUnavailable))
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), limit.Token);
            next.IsCompleted.ShouldBeFalse();
        }

        await using var second = await StartAsync($"127.0.0.1:{first.Url.Port}");
        second.Feed.Notices.Add(second.Notice(1));

        (await next).ShouldBeTrue();
        events.Current.Message.ShouldBe("event 1");
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task A_token_that_is_no_longer_good_ends_it_with_the_daemons_word()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var first = await StartAsync("0.0.0.0:0", Token);
        var url = new Uri($"http://127.0.0.1:{first.Url.Port}/");
        using var client = new ControlClient(new ControlTarget(url, new Secret(Token)));
        await using var events = client.StreamAsync("api/v1/events", ControlJson.Default.EventInfo, limit.Token)
            .GetAsyncEnumerator(limit.Token);
        first.Feed.Notices.Add(first.Notice(1));
        (await events.MoveNextAsync()).ShouldBeTrue();
        await first.DisposeAsync();
        await using var second = await StartAsync($"0.0.0.0:{url.Port}", Token + "-rotated");

        var ended = await Should.ThrowAsync<CommandException>(async () => await events.MoveNextAsync());

        ended.Code.ShouldBe(ExitCode.Failure);
        ended.Message.ShouldContain("the token is missing or wrong");
    }

    private static async Task ReadersAsync(ControlScene scene)
    {
        for (var i = 0; scene.Feed.Notices.Readers == 0; i++)
        {
            i.ShouldBeLessThan(6_000);
            await Task.Delay(20);
        }
    }

    private sealed class Refuser : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _answering;

        public Refuser(int port, HttpStatusCode status)
        {
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            _listener.Start();
            _answering = AnswerAsync(status);
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _answering;
        }

        private async Task AnswerAsync(HttpStatusCode status)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    context.Response.StatusCode = (int)status;
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed: nothing more comes.
            }
        }
    }
}
