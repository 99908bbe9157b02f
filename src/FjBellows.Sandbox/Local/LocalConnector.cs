using FjBellows.Dispatch;

namespace FjBellows.Sandbox.Local;

/// <summary>Reaches the instances of <see cref="LocalProvider"/> by plain processes, once their boot time is over.</summary>
public sealed class LocalConnector : IWorkerConnector
{
    /// <summary>A Forgejo that is never asked, for sessions that start nothing.</summary>
    internal const string NoForgejo = "http://localhost/";

    private readonly LocalProviderSettings _settings;
    private readonly LocalInstances _instances;
    private readonly IReadOnlyList<string> _runnerCommand;
    private readonly string _forgejoUrl;
    private readonly DockerUse _docker;
    private readonly TimeProvider _time;

    /// <summary>A connector to the instances of a directory.</summary>
    /// <param name="settings">The provider's settings. Their runner command, where there is one, is used.</param>
    /// <param name="runnerCommand">The runner's program and first words, where the settings name none.</param>
    /// <param name="forgejoUrl">Forgejo's URL as processes on this machine reach it.</param>
    /// <param name="usesDocker">True where labels need this machine's Docker engine; it is shared with whatever else runs here.</param>
    /// <param name="time">The clock by which instances boot.</param>
    public LocalConnector(
        LocalProviderSettings settings, IReadOnlyList<string> runnerCommand, string forgejoUrl, bool usesDocker = false,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(runnerCommand);
        _settings = settings;
        _instances = new LocalInstances(settings.Directory);
        _runnerCommand = settings.RunnerCommand.Count > 0 ? settings.RunnerCommand : runnerCommand;
        _forgejoUrl = forgejoUrl;
        _docker = usesDocker ? DockerUse.Shared : DockerUse.None;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.FromResult(WorkerSeed.Nothing);

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var instance = await Task.Run(() => Find(endpoint), cancellationToken).ConfigureAwait(false);
        var left = instance.CreatedAt + _settings.BootTime - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            throw new SessionException(
                SessionErrorKind.Unreachable, $"instance '{instance.Name}' is still booting and answers in {left.TotalSeconds:0.0} s");
        }

        var home = _instances.HomeOf(instance.Id);
        return new ShellWorkerSession(
            new LocalShell(home, _time), SetupFor(home, _runnerCommand, _forgejoUrl) with { Docker = _docker }, endpoint.Worker);
    }

    /// <summary>How runners are set up in an instance's home.</summary>
    /// <param name="home">The directory, which is the same on both sides.</param>
    /// <param name="runnerCommand">The runner's program and first words.</param>
    /// <param name="forgejoUrl">Forgejo's URL as the runner reaches it.</param>
    public static RunnerSetup SetupFor(string home, IReadOnlyList<string> runnerCommand, string forgejoUrl) => new()
    {
        ForgejoUrl = forgejoUrl,
        RunnerCommand = runnerCommand,
        JobsDirectory = Path.GetFullPath(Path.Combine(home, "jobs")),
        WorkDirectory = Path.GetFullPath(Path.Combine(home, "work")),
    };

    private LocalInstance Find(WorkerEndpoint endpoint)
    {
        LocalInstance? instance = null;
        try
        {
            instance = _instances.Find(endpoint.InstanceId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new SessionException(
                SessionErrorKind.Unreachable, $"instance {endpoint.InstanceId} in {_settings.Directory} cannot be read: {e.Message}", e);
        }

        return instance is not null && instance.Name == endpoint.Worker
            ? instance
            : throw new SessionException(
                SessionErrorKind.Gone,
                $"there is no instance {endpoint.InstanceId} of worker '{endpoint.Worker}' in {_settings.Directory}");
    }
}
