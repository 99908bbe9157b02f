using Docker.DotNet.Models;
using FjBellows.Billing;
using FjBellows.Dispatch;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Providers.Docker;

/// <summary>A Docker engine, or Podman with its Docker API, as a source of workers: an instance is a container. One that has ended is
/// no instance any more, only a record of one; <see cref="SweepAsync"/> removes it.</summary>
public sealed class DockerProvider : ICloudProvider, IAccountCheck, ILeftovers, IDisposable
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "docker";

    /// <summary>How long an image's own command must have run before it counts as one that stays.</summary>
    private static readonly TimeSpan OwnCommandProof = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StartInterval = TimeSpan.FromMilliseconds(100);

    private readonly DockerSettings _settings;
    private readonly DockerEngine _engine;
    private readonly RunnerSetup _runner;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ImageFetch _image;

    /// <summary>A provider over an engine.</summary>
    /// <param name="settings">What workers are made like.</param>
    /// <param name="engine">The engine; it is disposed of with the provider.</param>
    /// <param name="runner">The pool's runners, for the check.</param>
    /// <param name="log">Takes what happened to containers that ended.</param>
    /// <param name="time">The clock by which a start is waited for.</param>
    public DockerProvider(
        DockerSettings settings, DockerEngine engine, RunnerSetup runner, ILogger<DockerProvider>? log = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(runner);
        _settings = settings;
        _engine = engine;
        _runner = runner;
        _log = log ?? NullLogger<DockerProvider>.Instance;
        _time = time ?? TimeProvider.System;
        _image = new ImageFetch(engine, settings.Image, settings.Pull);
    }

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.PerSecond;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities { get; } = new(MaxUserDataBytes: 0, AcceptsGzip: false);

    /// <inheritdoc />
    public CloudParts Parts => new() { Account = this, Leftovers = this };

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        try
        {
            await _image.EnsureAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.MayHaveTakenEffect)
        {
            // No container was asked for yet, so there is nothing to look up.
            throw new CloudException(e.Kind, e.Message, e.RetryAfter, e, mayHaveTakenEffect: false);
        }

        var id = await MakeAsync(spec, cancellationToken).ConfigureAwait(false);
        var container = await _engine.FindAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw Ended(CloudErrorKind.CapacityOut, spec.Name, "was removed by somebody else before it was started");
        if (!spec.Ownership.Owns(Described(container)) || container.Worker != spec.Name)
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"the engine at {_engine.Host} has a container named '{spec.Name}' already, and it is not this worker's; it was " +
                $"left alone");
        }

        if (container.Status == InstanceStatus.Starting)
        {
            await StartAsync(spec.Name, container.Id, cancellationToken).ConfigureAwait(false);
        }

        return await RunningAsync(spec.Name, container.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        [.. (await AllAsync(ownership, cancellationToken).ConfigureAwait(false))
            .Where(i => i.Status != InstanceStatus.Stopped || !ownership.Owns(i))];

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await _engine.FindAsync(id.Value, cancellationToken).ConfigureAwait(false) is { Status: not InstanceStatus.Stopped } container
            ? Described(container)
            : null;

    /// <summary>Removes this ownership's containers that have ended, with their anonymous volumes.</summary>
    /// <inheritdoc />
    public async Task<int> SweepAsync(Ownership ownership, IReadOnlyCollection<string> liveNames, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var removed = 0;
        try
        {
            foreach (var ended in (await AllAsync(ownership, cancellationToken).ConfigureAwait(false))
                .Where(i => i.Status == InstanceStatus.Stopped && ownership.Owns(i)))
            {
                removed += await RemovedAsync(ended, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }
        catch (CloudException e)
        {
            _log.LogWarning("cannot list ended containers: {Error}", e.Message);
        }

        return removed;
    }

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        if (await _engine.FindAsync(id.Value, cancellationToken).ConfigureAwait(false) is not { } container)
        {
            return;
        }

        if (container.Worker != name)
        {
            throw new CloudException(
                CloudErrorKind.Conflict, $"container {id} at {_engine.Host} is not worker '{name}' and was left alone");
        }

        await _engine.RemoveAsync(container.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken) =>
        new DockerCheck(_settings, _engine, _image, _runner, _time).RunAsync(cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _engine.Dispose();

    private async Task<IReadOnlyList<Instance>> AllAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var listed = await _engine.AskAsync(
            "list the containers",
            client => client.Containers.ListContainersAsync(
                new ContainersListParameters
                {
                    All = true,
                    Filters = new Dictionary<string, IDictionary<string, bool>>
                    {
                        ["label"] = new Dictionary<string, bool> { [$"{ContainerLabels.Tag}={ownership.Tag}"] = true },
                    },
                },
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return [.. listed.Select(EngineContainer.Of).Select(Described).Where(i => i.Tags.Contains(ownership.Tag, StringComparer.Ordinal))];
    }

    private async Task<string> MakeAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var made = await _engine.AskAsync(
                $"create container '{spec.Name}'",
                client => client.Containers.CreateContainerAsync(ContainerRequest.Worker(_settings, spec), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return made.ID;
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.Conflict)
        {
            // The name is the handle of idempotency: an earlier call may have got as far as this.
            return spec.Name;
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            throw new CloudException(CloudErrorKind.InvalidConfig, e.Message, innerException: e);
        }
    }

    private async Task StartAsync(string name, string id, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.AskAsync(
                $"start container '{name}'",
                client => client.Containers.StartContainerAsync(id, new ContainerStartParameters(), cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind != CloudErrorKind.Transient || e.InnerException is global::Docker.DotNet.DockerApiException)
        {
            // The engine has answered: what cannot be started is not left lying about.
            await _engine.RemoveAsync(id, cancellationToken).ConfigureAwait(false);
            var kind = e.Kind switch
            {
                CloudErrorKind.NotFound or CloudErrorKind.InvalidConfig => CloudErrorKind.InvalidConfig,
                CloudErrorKind.Auth or CloudErrorKind.RateLimited => e.Kind,
                _ => CloudErrorKind.CapacityOut,
            };
            throw new CloudException(kind, $"{e.Message}; the container was removed again", e.RetryAfter, e);
        }
    }

    private async Task<Instance> RunningAsync(string name, string id, CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        while (true)
        {
            var container = await _engine.FindAsync(id, cancellationToken).ConfigureAwait(false)
                ?? throw Ended(CloudErrorKind.CapacityOut, name, "was removed by somebody else while it was started");
            // A command of the image's own may end a moment after it was seen running; ours only ends when it is asked to.
            var runs = container.NotRunning is null;
            if (runs && (!_settings.ImageCommand || _time.GetElapsedTime(since) >= OwnCommandProof))
            {
                return Described(container);
            }

            var stopped = container.Status == InstanceStatus.Stopped;
            if (runs || (!stopped && _time.GetElapsedTime(since) < _settings.WaitTimeout))
            {
                await Task.Delay(StartInterval, _time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var said = stopped ? await LastWordsAsync(id, cancellationToken).ConfigureAwait(false) : "";
            await _engine.RemoveAsync(id, cancellationToken).ConfigureAwait(false);
            throw stopped
                ? Ended(CloudErrorKind.InvalidConfig, name,
                    $"ended as soon as it was started ({container.NotRunning}{said}) and was removed; see whether image " +
                    $"'{_settings.Image}' runs")
                : Ended(CloudErrorKind.CapacityOut, name,
                    $"did not run within {_settings.WaitTimeout.TotalSeconds:0.#} s (wait_timeout) and was removed");
        }
    }

    private CloudException Ended(CloudErrorKind kind, string name, string what) =>
        new(kind, $"container '{name}' at {_engine.Host} {what}");

    /// <summary>Removes a container that has ended; false when it runs again, or cannot be removed yet.</summary>
    private async Task<bool> RemovedAsync(Instance instance, CancellationToken cancellationToken)
    {
        try
        {
            if (await _engine.FindAsync(instance.Id.Value, cancellationToken).ConfigureAwait(false) is not { } container)
            {
                return true;
            }

            if (container.NotRunning is not { } why)
            {
                return false;
            }

            await _engine.RemoveAsync(container.Id, cancellationToken).ConfigureAwait(false);
            _log.LogWarning("container {Container} is removed, with what it held: {Why}", instance.Name, why);
            return true;
        }
        catch (CloudException e)
        {
            _log.LogWarning("container {Container} has ended and cannot be removed yet: {Error}", instance.Name, e.Message);
            return false;
        }
    }

    private async Task<string> LastWordsAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var log = await _engine.Client.Containers.GetContainerLogsAsync(
                id, new ContainerLogsParameters { ShowStdout = true, ShowStderr = true, Tail = "5" },
                cancellationToken).ConfigureAwait(false);
            var (output, error) = await log.ReadOutputToEndAsync(cancellationToken).ConfigureAwait(false);
            var said = (output + error).Trim();
            return said.Length == 0 ? "" : $", saying: {(said.Length <= 500 ? said : "…" + said[^500..])}";
        }
        catch (Exception e) when (e is global::Docker.DotNet.DockerApiException or IOException or HttpRequestException)
        {
            return ""; // The engine's log driver keeps nothing to read.
        }
    }

    private Instance Described(EngineContainer container) => new(
        new InstanceId(container.Id),
        container.Worker ?? container.Name,
        container.Status,
        container.CreatedAt,
        [$"container {(container.Id.Length > 12 ? container.Id[..12] : container.Id)}"],
        ContainerLabels.TagsOf(container.Labels),
        $"{_settings.Image} at {_engine.Host}");
}
