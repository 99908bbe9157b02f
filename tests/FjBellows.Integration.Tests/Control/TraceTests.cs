using System.Net;
using System.Text;
using Akka.Actor;
using FjBellows.Daemon.Control.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class TraceTests
{
    [Fact]
    public async Task A_job_is_a_trace_from_its_first_sight_to_its_end()
    {
        var received = new TaskCompletionSource<(string Path, string? Type, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.TrySetResult((context.Request.Path, context.Request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync();
        var system = ActorSystem.Create("traces");
        using var traces = new JobTraces(new Uri(collector.Urls.First()), system);
        await traces.StartAsync(CancellationToken.None);

        system.EventStream.Publish(
            new DispatchOutcome(
                "default", "ci-a", Assigned("ci-a", 17) with { SeenAt = Noon.AddMinutes(-9) }, OutcomeKind.Completed, Noon, 0, "ran"));

        await traces.StopAsync(CancellationToken.None);

        var (path, type, body) = await received.Task.WaitAsync(TimeSpan.FromMinutes(2));
        path.ShouldBe("/v1/traces");
        type.ShouldBe("application/x-protobuf");
        foreach (var word in (string[])["fj-bellows", "wait", "start", "run", "fjb.outcome", "completed"])
        {
            body.ShouldContain(word);
        }

        await system.Terminate();
    }
}
