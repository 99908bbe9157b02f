using System.Net;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Sandbox.Local;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.HostKeys;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>The way to workers of the provider <c>local</c> that have an sshd of their own: the same connection, pin, tunnel and dispatch
/// as to a cloud's workers. Only the bootstrap is missing, since this machine is set up already.</summary>
internal sealed class LocalSshWorkers : IWorkerConnector
{
    /// <summary>The port of every worker's sshd; they differ by address.</summary>
    public const int Port = 22022;

    private readonly LocalProviderSettings _settings;
    private readonly IReadOnlyList<string> _runner;
    private readonly ProviderContext _context;
    private readonly Lazy<ClientKey> _key;

    /// <summary>The way to the workers of a pool.</summary>
    /// <param name="settings">The provider's settings.</param>
    /// <param name="runner">The runner's program and first words, where the settings name none.</param>
    /// <param name="context">What the pool is made from.</param>
    public LocalSshWorkers(LocalProviderSettings settings, IReadOnlyList<string> runner, ProviderContext context)
    {
        (_settings, _context) = (settings, context);
        _runner = settings.RunnerCommand.Count > 0 ? settings.RunnerCommand : runner;
        _key = new Lazy<ClientKey>(ReadOrMakeKey);
    }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var host = HostKeyPair.Generate();
            return new WorkerSeed(host.PublicKey, host.PrivateKey, [_key.Value.PublicKey]);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var place = Path.GetFullPath(Path.Combine(_settings.Directory, endpoint.InstanceId));
        var address = LocalSshd.AddressOf(endpoint.InstanceId);
        try
        {
            await LocalSshd.EnsureAsync(place, endpoint.InstanceId, Port, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CloudException or IOException or UnauthorizedAccessException)
        {
            throw new SessionException(SessionErrorKind.Unreachable, $"worker {endpoint.Worker} has no sshd: {e.Message}", e);
        }

        return await ConnectorTo(address, place).ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Workers differ by the address of their tunnel, and so by the URL that their runners are given.</summary>
    private SshConnector ConnectorTo(IPAddress address, string place)
    {
        var forgejo = _context.Config.Forgejo.Url;
        var tunnelled = IPAddress.TryParse(forgejo.Host, out var ip) && IPAddress.IsLoopback(ip);
        var ssh = new SshSettings
        {
            Key = _key.Value,
            User = Environment.UserName,
            Port = Port,
            TunnelAddress = address,
            // This machine's hosts file is not a worker's to change.
            HostsOverride = false,
        };
        var url = tunnelled ? new UriBuilder(forgejo) { Host = address.ToString() }.Uri : forgejo;
        var setup = LocalConnector.SetupFor(Path.Combine(place, "home"), _runner, url.AbsoluteUri.TrimEnd('/')) with
        {
            Docker = _context.Pool.Labels.NeedsDocker ? DockerUse.Shared : DockerUse.None,
        };
        return new SshConnector(
            ssh,
            new BootstrapSettings { RunnerVersion = _context.Config.Runner.Version.TrimStart('v') },
            setup,
            new ProviderCapabilities(MaxUserDataBytes: 0, AcceptsGzip: false),
            _context.Logs.CreateLogger<SshConnector>(),
            _context.Time,
            forgejo);
    }

    /// <summary>The daemon's own key, made once: workers of an earlier run know it.</summary>
    private ClientKey ReadOrMakeKey()
    {
        var path = Path.Combine(_settings.Directory, ".client_key");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(_settings.Directory);
            var fresh = $"{path}.{Guid.NewGuid():N}";
            LocalSshd.WritePrivately(fresh, HostKeyPair.Generate().PrivateKey);
            File.Move(fresh, path, overwrite: true);
        }

        return ClientKey.Read(path);
    }
}
