using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Providers;

namespace FjBellows.Sandbox.Local;

/// <summary>A cloud made of this machine: an instance is a directory, and what runs in it are processes of the daemon's own user. For
/// trying fj-bellows without a cloud, and for its tests. It isolates nothing: run trusted jobs only.</summary>
public sealed class LocalProvider : ICloudProvider
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "local";

    private readonly LocalProviderSettings _settings;
    private readonly LocalInstances _instances;
    private readonly TimeProvider _time;

    /// <summary>A provider over a directory.</summary>
    /// <param name="settings">Where and how.</param>
    /// <param name="time">The clock that says when an instance was created and has booted.</param>
    public LocalProvider(LocalProviderSettings settings, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _instances = new LocalInstances(settings.Directory);
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <inheritdoc />
    public BillingModel Billing => _settings.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities =>
        new(MaxUserDataBytes: _settings.Access == LocalAccess.Ssh ? 16 * 1024 : 0, AcceptsGzip: false);

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var created = await Effect("create an instance", () =>
        {
            var wanted = new LocalInstance(
                LocalInstances.IdOf(spec.Name), spec.Name, _time.GetUtcNow(), [spec.Ownership.Tag, spec.Ownership.Owner, .. spec.Marks]);
            Action<string>? furnish = _settings.Access == LocalAccess.Ssh ? stage => LocalSshd.Furnish(stage, spec) : null;
            var instance = Described(_instances.Add(wanted, furnish));
            return spec.Ownership.Owns(instance)
                ? instance
                : throw new CloudException(
                    CloudErrorKind.Conflict,
                    $"an instance named '{spec.Name}' is in {_settings.Directory} already and belongs to another deployment; it was " +
                    $"left alone");
        }, cancellationToken).ConfigureAwait(false);
        if (_settings.Access == LocalAccess.Ssh)
        {
            await LocalSshd.EnsureAsync(
                _instances.PlaceOf(created.Id.Value), created.Id.Value, _settings.SshPort, cancellationToken).ConfigureAwait(false);
        }

        return created;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        return Effect<IReadOnlyList<Instance>>(
            "list the instances",
            () => [.. _instances.All().Where(instance => instance.Tags.Contains(ownership.Tag, StringComparer.Ordinal)).Select(Described)],
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        Effect("read an instance", () => _instances.Find(id.Value) is { } found ? Described(found) : null, cancellationToken);

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        // An id follows from a name, so the same id never comes to mean another name; it is read again all the same.
        if (await GetAsync(id, cancellationToken).ConfigureAwait(false) is not { } instance || instance.Name != name)
        {
            return;
        }

        var home = _instances.HomeOf(id.Value);
        var session = new ShellWorkerSession(
            new LocalShell(home, _time), LocalConnector.SetupFor(home, ["none"], LocalConnector.NoForgejo), name);
        await using (session.ConfigureAwait(false))
        {
            try
            {
                foreach (var process in await session.InspectAsync(cancellationToken).ConfigureAwait(false))
                {
                    await session.SignalAsync(process.Dispatch, RunnerSignal.Kill, cancellationToken).ConfigureAwait(false);
                    if (process.Alive)
                    {
                        // Its keeper still writes the exit code, into the directory that is about to go.
                        await session.FollowAsync(process.Dispatch, null, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (SessionException e)
            {
                throw new CloudException(
                    CloudErrorKind.Transient, $"cannot end the processes of instance '{name}': {e.Message}", innerException: e);
            }
        }

        await Effect("remove an instance", () =>
        {
            LocalSshd.Stop(_instances.PlaceOf(id.Value));
            _instances.Remove(id.Value);
            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    private Instance Described(LocalInstance instance)
    {
        var booted = _time.GetUtcNow() - instance.CreatedAt >= _settings.BootTime;
        return new Instance(
            new InstanceId(instance.Id),
            instance.Name,
            booted ? InstanceStatus.Running : InstanceStatus.Starting,
            instance.CreatedAt,
            !booted ? [] : _settings.Access == LocalAccess.Ssh ? [LocalSshd.AddressOf(instance.Id).ToString()] : ["localhost"],
            instance.Tags,
            "this machine",
            _settings.HourlyPrice);
    }

    private Task<T> Effect<T>(string what, Func<T> effect, CancellationToken cancellationToken) =>
        Task.Run(() =>
        {
            try
            {
                return effect();
            }
            catch (UnauthorizedAccessException e)
            {
                throw new CloudException(
                    CloudErrorKind.Auth, $"cannot {what} in {_settings.Directory}: {e.Message}; give the daemon's user write access to it",
                    innerException: e);
            }
            catch (Exception e) when (e is IOException or System.Text.Json.JsonException)
            {
                throw new CloudException(
                    CloudErrorKind.Transient, $"cannot {what} in {_settings.Directory}: {e.Message}", innerException: e);
            }
        }, cancellationToken);
}
