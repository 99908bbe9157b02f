using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>Sends a trace for each job, from the first sight of it to its end, to an OTLP collector. Only made where
/// <c>telemetry.otlp_endpoint</c> is set; nothing of OpenTelemetry is loaded otherwise.</summary>
/// <param name="endpoint">The collector; <c>/v1/traces</c> is appended.</param>
/// <param name="system">The actor system.</param>
internal sealed class JobTraces(Uri endpoint, ActorSystem system) : IHostedService, IDisposable
{
    private const string Name = "fj-bellows";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly ActivitySource _source = new(Name, ProgramVersion.Text);
    private TracerProvider? _provider;
    private IActorRef? _actor;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(Name)
            .ConfigureResource(resource => resource.AddService(Name, serviceVersion: ProgramVersion.Text))
            .AddOtlpExporter(otlp =>
            {
                otlp.Endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/v1/traces");
                otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            })
            .Build();
        _actor = system.ActorOf(Props.Create(() => new Watcher(this)));
        system.EventStream.Subscribe(_actor, typeof(DispatchOutcome));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_actor is { } actor)
        {
            system.EventStream.Unsubscribe(actor);
            await actor.GracefulStop(Moment).ConfigureAwait(false);
        }

        // What is not sent within a moment is lost: no one waits for a collector at the end.
        await Task.Run(() => _provider?.ForceFlush((int)Moment.TotalMilliseconds), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _provider?.Dispose();
        _source.Dispose();
    }

    private void Trace(DispatchOutcome outcome)
    {
        var assignment = outcome.Assignment;
        var seen = assignment.SeenAt ?? assignment.AssignedAt;
        using var job = _source.StartActivity("job", ActivityKind.Internal, default(ActivityContext), startTime: seen);
        if (job is null)
        {
            return;
        }

        job.SetTag("fjb.pool", outcome.Pool).SetTag("fjb.worker", outcome.Worker).SetTag("fjb.outcome", SnakeCase.Of(outcome.Kind))
            .SetTag("fjb.job.id", assignment.Job.Id).SetTag("fjb.job.name", assignment.Job.Name)
            .SetTag("fjb.dispatch", assignment.Dispatch.Value);
        if (outcome.Kind is not (OutcomeKind.Completed or OutcomeKind.NoTask))
        {
            job.SetStatus(ActivityStatusCode.Error, SnakeCase.Of(outcome.Kind));
        }

        Part("wait", seen, assignment.AssignedAt);
        Part("start", assignment.AssignedAt, assignment.StartedAt ?? outcome.EndedAt);
        if (assignment.StartedAt is { } started)
        {
            Part("run", started, outcome.EndedAt);
        }

        job.SetEndTime(outcome.EndedAt.UtcDateTime);

        void Part(string name, DateTimeOffset from, DateTimeOffset to)
        {
            using var part = _source.StartActivity(name, ActivityKind.Internal, job.Context, startTime: from);
            part?.SetEndTime(to.UtcDateTime);
        }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(JobTraces traces) => Receive<DispatchOutcome>(traces.Trace);
    }
}
