using System.Net;

namespace FjBellows.Integration.Tests.Control;

[Trait("Invariant", "S9")]
public sealed class AccessTests
{
    private const string Right = ControlScene.Token;
    private const string Wrong = "0123456789abcdef-wrong";

    [Theory]
    [InlineData("127.0.0.1:0", null, null, 200)]
    [InlineData("127.0.0.1:0", Right, null, 200)]
    [InlineData("[::1]:0", null, null, 200)]
    [InlineData("0.0.0.0:0", Right, null, 401)]
    [InlineData("0.0.0.0:0", Right, Wrong, 401)]
    [InlineData("0.0.0.0:0", Right, "", 401)]
    [InlineData("0.0.0.0:0", Right, Right, 200)]
    [InlineData(":0", Right, null, 401)]
    [InlineData(":0", Right, Right, 200)]
    public async Task Reads_are_free_on_loopback_and_need_the_token_elsewhere(string listen, string? token, string? shown, int status)
    {
        await using var scene = await ControlScene.StartAsync(listen, token);
        foreach (var path in (string[])[
            "/api/v1/pools", "/api/v1/workers", "/api/v1/config", "/api/v1/events?follow=false", "/api/v1/logs?follow=false"])
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, path, token: shown);
            ((int)answer.StatusCode).ShouldBe(status, path);
        }
    }

    [Theory]
    [InlineData("127.0.0.1:0", null)]
    [InlineData("0.0.0.0:0", Right)]
    public async Task Probes_are_open_everywhere(string listen, string? token)
    {
        await using var scene = await ControlScene.StartAsync(listen, token);
        foreach (var path in (string[])["/healthz", "/readyz", "/openapi/v1.json"])
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example:9876")]
    [InlineData("192.0.2.1")]
    public async Task A_loopback_listener_answers_to_loopback_names_only(string host)
    {
        await using var scene = await ControlScene.StartAsync();
        foreach (var path in (string[])["/api/v1/pools", "/healthz", "/openapi/v1.json", "/api/v1/nothing"])
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, path, headers: ("Host", host));
            answer.StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest, path);
        }
    }

    [Fact]
    public async Task A_wrong_token_is_reported_once_and_not_repeated()
    {
        await using var scene = await ControlScene.StartAsync("0.0.0.0:0", Right);
        for (var i = 0; i < 3; i++)
        {
            (await scene.SendAsync(HttpMethod.Get, "/api/v1/pools", token: Wrong)).Dispose();
        }

        scene.Log.Text.Split('\n').Count(l => l.Contains("invalid token", StringComparison.Ordinal)).ShouldBe(1);
        scene.Log.Text.ShouldNotContain(Wrong);
        scene.Log.Text.ShouldNotContain(Right);
    }
}
