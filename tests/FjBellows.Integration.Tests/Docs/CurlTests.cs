using FjBellows.Integration.Tests.Control;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>The control page's examples, sent by curl to a control plane.</summary>
[Needs(Part.Curl)]
public sealed class CurlTests
{
    /// <summary>curl gave up: a stream has no end.</summary>
    private const int TimedOut = 28;

    public static TheoryData<string> Examples() =>
        [.. Snippet.All.Where(s => s is { Page: "docs/control.md", Language: "sh" }).SelectMany(s => s.Commands())];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_is_answered(string example)
    {
        await using var scene = await ControlScene.StartAsync();
        scene.Pool.Status = scene.Pool.Status! with
        {
            Workers =
                [ControlScene.Worker("ci-k3v9", WorkerPhase.Busy, ControlScene.Assigned("ci-k3v9", 17)), ControlScene.Worker("ci-a")],
        };
        scene.Pool.Reply = _ => new PoolProtocol.Done("done");
        scene.Feed.Notices.Add(scene.Notice(1, NoticeKind.JobEnded, "ci-a", 16));

        var (code, output) = await Command.TryAsync(
            "/bin/bash", "-uc",
            example.Replace("localhost:9876", scene.Url.Authority, StringComparison.Ordinal)
                .Replace("/etc/fj-bellows/control-token", scene.TokenFile, StringComparison.Ordinal)
                .Replace("curl ", "curl -f --max-time 2 ", StringComparison.Ordinal));

        code.ShouldBe(example.Contains(" -N ", StringComparison.Ordinal) ? TimedOut : 0, output);
        output.ShouldContain(
            example.Contains("/events", StringComparison.Ordinal) ? "event 1" : example.Contains(
                "idle", StringComparison.Ordinal) ? "ci-a" : example.Contains("17", StringComparison.Ordinal) ? "runs" : "done");
    }
}
