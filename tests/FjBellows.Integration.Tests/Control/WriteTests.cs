using System.Net;
using System.Text.Json;
using FjBellows.Daemon.Control.Api;
using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class WriteTests
{
    private static readonly (string Path, string Body)[] Writes =
    [
        ("/api/v1/pause", "{}"), ("/api/v1/resume", "{}"), ("/api/v1/reconcile", "{}"), ("/api/v1/provision", """{"count":2}"""),
        ("/api/v1/delete", """{"worker":"ci-a"}"""), ("/api/v1/drain", """{"worker":"ci-a"}"""),
        ("/api/v1/release", """{"worker":"ci-a"}"""), ("/api/v1/exec", """{"worker":"ci-a","command":"true"}"""),
        ("/api/v1/reload", "{}"),
    ];

    [Theory]
    [InlineData("127.0.0.1:0", null, null, true, 403)]
    [InlineData("127.0.0.1:0", null, Token, true, 403)]
    [InlineData("127.0.0.1:0", null, null, false, 403)]
    [InlineData("127.0.0.1:0", Token, null, true, 401)]
    [InlineData("127.0.0.1:0", Token, "0123456789abcdef-wrong", true, 401)]
    [InlineData("127.0.0.1:0", Token, Token, true, 200)]
    [InlineData("127.0.0.1:0", Token, Token, false, 403)]
    [InlineData("0.0.0.0:0", Token, null, true, 401)]
    [InlineData("0.0.0.0:0", Token, Token, true, 200)]
    [InlineData("0.0.0.0:0", Token, Token, false, 403)]
    [Trait("Invariant", "S9")]
    public async Task Writes_need_their_own_permission_and_always_the_token(
        string listen, string? token, string? shown, bool enabled, int status)
    {
        await using var scene = await SceneAsync(listen, token, enabled);
        foreach (var (path, body) in Writes)
        {
            using var answer = await scene.SendAsync(HttpMethod.Post, path, body, shown);
            ((int)answer.StatusCode).ShouldBe(status, path);
        }

        scene.Pool.Told.Count.ShouldBe(status == 200 ? Writes.Length - 1 : 0);
        if (status == 200)
        {
            scene.Log.Text.Split('\n').Count(l => l.Contains("control: 127.0.0.1 (token): ", StringComparison.Ordinal))
                .ShouldBe(Writes.Length);
        }
    }

    [Theory]
    [InlineData("text/plain", null, null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", null, null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("application/json", "Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("application/json", "Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("application/json", "Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("application/json", "Host", "evil.example", HttpStatusCode.MisdirectedRequest)]
    [Trait("Invariant", "S9")]
    public async Task A_page_of_another_site_changes_nothing(string contentType, string? header, string? value, HttpStatusCode status)
    {
        await using var scene = await SceneAsync();
        foreach (var (path, body) in Writes)
        {
            using var answer = await scene.SendAsync(
                HttpMethod.Post, path, body, null, contentType, header is null ? [] : [(header, value!)]);
            answer.StatusCode.ShouldBe(status, path);
        }

        scene.Pool.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_daemons_own_page_may_write()
    {
        await using var scene = await SceneAsync();
        using var answer = await scene.SendAsync(
            HttpMethod.Post, "/api/v1/pause", "{}",
            headers: [("Origin", scene.Url.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin")]);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_pool_is_told_what_was_asked_and_by_whom()
    {
        await using var scene = await SceneAsync();
        foreach (var (path, body) in Writes)
        {
            (await scene.SendAsync(HttpMethod.Post, path, body)).Dispose();
        }

        scene.Pool.Told.ShouldBe([
            new PoolProtocol.Pause("127.0.0.1 (token)"), new PoolProtocol.Resume("127.0.0.1 (token)"),
            new PoolProtocol.Reconcile("127.0.0.1 (token)"), new PoolProtocol.ProvisionWorkers(2, "127.0.0.1 (token)"),
            new PoolProtocol.DeleteWorker("ci-a", false, "127.0.0.1 (token)"), new PoolProtocol.DrainWorker("ci-a", "127.0.0.1 (token)"),
            new PoolProtocol.ReleaseWorker("ci-a", "127.0.0.1 (token)"),
            new PoolProtocol.RunOnWorker("ci-a", "true", TimeSpan.FromMinutes(1), "127.0.0.1 (token)")]);
    }

    [Fact]
    [Trait("Invariant", "W15")]
    public async Task A_refusal_of_the_pool_is_a_conflict_with_its_reason()
    {
        await using var scene = await SceneAsync();
        scene.Pool.Reply = m => m is PoolProtocol.DeleteWorker { Force: false }
            ? new CommandRefused("ci-a runs build; drain it, or force its removal")
            : new PoolProtocol.Done("going");

        using var refused = await scene.SendAsync(HttpMethod.Post, "/api/v1/delete", """{"worker":"ci-a"}""");
        using var forced = await scene.SendAsync(HttpMethod.Post, "/api/v1/delete", """{"worker":"ci-a","force":true}""");

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        JsonSerializer.Deserialize(await refused.Content.ReadAsStringAsync(), ControlJson.Default.CommandInfo)!.Results
            .ShouldHaveSingleItem()
            .ShouldBe(new CommandOutcome("default", false, "ci-a runs build; drain it, or force its removal"));
        forced.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_silent_pool_hides_neither_the_others_nor_what_it_was_told()
    {
        await using var scene = await StartAsync(withMute: true);

        using var answer = await scene.SendAsync(HttpMethod.Post, "/api/v1/pause", "{}");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var results = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ControlJson.Default.CommandInfo)!.Results;
        results.Select(r => (r.Pool, r.Done)).ShouldBe([(Mute, false), ("default", true)]);
        results[0].Message.ShouldContain("does not answer; the command may still take effect");
        scene.Log.Text.ShouldContain("control: 127.0.0.1 (token): pause mute: unknown: pool mute does not answer");
        scene.Log.Text.ShouldContain("control: 127.0.0.1 (token): pause default: done");
    }

    [Fact]
    public async Task A_command_without_an_answer_is_on_record()
    {
        await using var scene = await SceneAsync();
        scene.Pool.Reply = _ => null;

        using var answer = await scene.SendAsync(
            HttpMethod.Post, "/api/v1/exec", """{"worker":"ci-a","command":"true","timeout_seconds":1}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("may still run");
        scene.Log.Text.ShouldContain("exec ci-a (4 bytes): unknown: pool default does not answer");
    }

    [Theory]
    [InlineData("/api/v1/pause", """{"pool":"none"}""", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/pause", """{"poool":"default"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/pause", "{", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/delete", """{"worker":"ci-z"}""", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/delete", "{}", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/delete", """{"worker":null}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/exec", """{"worker":"ci-a","command":""}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/exec", """{"worker":"ci-a","command":"true","timeout_seconds":61}""", HttpStatusCode.BadRequest)]
    public async Task What_makes_no_sense_is_refused_with_a_reason(string path, string body, HttpStatusCode status)
    {
        await using var scene = await SceneAsync();
        using var answer = await scene.SendAsync(HttpMethod.Post, path, body);
        answer.StatusCode.ShouldBe(status);
        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ControlJson.Default.ErrorInfo)!.Error.ShouldNotBeNullOrEmpty();
        scene.Pool.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_of_more_than_64_KiB_is_refused_and_a_huge_request_is_not_read()
    {
        await using var scene = await SceneAsync();
        (await ExecAsync(new string('x', (64 * 1024) + 1))).ShouldBe(HttpStatusCode.BadRequest);
        (await ExecAsync(new string('x', 600 * 1024))).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        scene.Pool.Told.ShouldBeEmpty();

        // As JSON may write it, a command is up to six times as long.
        (await ExecAsync(string.Concat(Enumerable.Repeat("\\u0027", 64 * 1024)))).ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode> ExecAsync(string command)
        {
            using var answer = await scene.SendAsync(HttpMethod.Post, "/api/v1/exec", $$"""{"worker":"ci-a","command":"{{command}}"}""");
            return answer.StatusCode;
        }
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task What_a_command_says_is_answered_and_what_it_is_stays_out_of_the_log()
    {
        await using var scene = await SceneAsync();
        using var answer = await scene.SendAsync(HttpMethod.Post, "/api/v1/exec", """{"worker":"ci-a","command":"echo canary"}""");

        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ControlJson.Default.ExecInfo)
            .ShouldBe(new ExecInfo("ci-a", 3, "out", "err"));
        scene.Log.Text.ShouldContain("exec ci-a (11 bytes): exit code 3");
        scene.Log.Text.ShouldNotContain("canary");
    }

    private static async Task<ControlScene> SceneAsync(string listen = "127.0.0.1:0", string? token = OwnToken, bool enabled = true)
    {
        var scene = await StartAsync(listen, token, enabled);
        scene.Pool.Status = scene.Pool.Status! with { Workers = [Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17))] };
        scene.Pool.Reply = m => m is PoolProtocol.RunOnWorker
            ? new CommandRan(new CommandResult(3, "out", "err"))
            : new PoolProtocol.Done("done");
        return scene;
    }
}
