using FjBellows.Dispatch;

namespace FjBellows.Providers.Docker;

/// <summary>Reaches the workers of <see cref="DockerProvider"/> by the engine that runs them: no key, no address, no port.</summary>
public sealed class DockerConnector : IWorkerConnector
{
    /// <summary>Where dispatches are kept in a worker: everything there goes with the container, and every image lets any user write
    /// there.</summary>
    public const string WorkerDirectory = "/tmp/fj-bellows";

    private readonly DockerEngine _engine;
    private readonly RunnerSetup _runner;
    private readonly TimeProvider _time;

    /// <summary>A connector to an engine's workers.</summary>
    /// <param name="runner">The pool's runners; see <see cref="RunnerIn"/>.</param>
    /// <param name="time">The clock by which workers are looked at.</param>
    public DockerConnector(DockerEngine engine, RunnerSetup runner, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(runner);
        _engine = engine;
        _runner = runner;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>How runners are set up in a worker.</summary>
    /// <param name="settings">What workers are made like.</param>
    /// <param name="forgejoUrl">Forgejo's URL as workers reach it.</param>
    /// <param name="command">The runner's program and first words.</param>
    /// <param name="needsDocker">True where labels need an engine: the host's, if its socket is mounted, otherwise one inside the
    /// worker.</param>
    public static RunnerSetup RunnerIn(DockerSettings settings, string forgejoUrl, IReadOnlyList<string> command, bool needsDocker)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new RunnerSetup
        {
            ForgejoUrl = forgejoUrl,
            RunnerCommand = command,
            JobsDirectory = WorkerDirectory + "/jobs",
            WorkDirectory = WorkerDirectory + "/work",
            Docker = !needsDocker ? DockerUse.None : settings.DockerSocket ? DockerUse.Shared : DockerUse.Own,
        };
    }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.FromResult(WorkerSeed.Nothing);

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        try
        {
            var container = await _engine.FindAsync(endpoint.InstanceId, cancellationToken).ConfigureAwait(false);
            if (container is null || container.Worker != endpoint.Worker)
            {
                throw new SessionException(
                    SessionErrorKind.Gone,
                    $"the engine at {_engine.Host} has no container {endpoint.InstanceId} of worker '{endpoint.Worker}'");
            }

            if (container.Status == InstanceStatus.Starting)
            {
                // Whoever made it was interrupted before the start.
                await _engine.AskAsync(
                    $"start container '{endpoint.Worker}'",
                    client => client.Containers.StartContainerAsync(container.Id, new(), cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
            else if (container.NotRunning is { } why)
            {
                throw new SessionException(SessionErrorKind.Gone, why);
            }

            return new ShellWorkerSession(new DockerShell(_engine, container.Id, _time), _runner, endpoint.Worker);
        }
        catch (CloudException e)
        {
            throw new SessionException(
                e.Kind == CloudErrorKind.Auth ? SessionErrorKind.AuthenticationFailed : SessionErrorKind.Unreachable, e.Message, e);
        }
    }
}
