using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.HostKeys;
using FjBellows.Ssh.Tunnel;
using Microsoft.Extensions.Logging;

namespace FjBellows.Ssh;

/// <summary>Reaches workers over SSH: a host key made for each before it is created, one warm connection kept to each, a tunnel back to
/// Forgejo on it. Creating one raises the minimum of the process's thread pool to <see cref="LeastPoolThreads"/>: SSH.NET blocks a pool
/// thread for every tunnelled connection, and the pool's own growth of about one thread a second would stall everything else
/// meanwhile.</summary>
public sealed partial class SshConnector : IWorkerConnector
{
    /// <summary>What the minimum of the thread pool is raised to. Threads are only made when they are needed.</summary>
    public const int LeastPoolThreads = 512;

    private readonly SshSettings _ssh;
    private readonly BootstrapSettings _bootstrap;
    private readonly RunnerSetup _runner;
    private readonly ProviderCapabilities _capabilities;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ForgejoRoute _route;

    /// <summary>A connector for one pool.</summary>
    /// <param name="ssh">How workers are reached.</param>
    /// <param name="bootstrap">What they are made into.</param>
    /// <param name="runner">What runs on them; for workers made by the bootstrap, <see cref="WorkerLayout.RunnerSetup"/>.</param>
    /// <param name="capabilities">What the pool's provider carries.</param>
    /// <param name="logger">Takes warnings about host keys.</param>
    /// <param name="time">The clock of keepalives and idle tunnels.</param>
    /// <param name="forgejo">Where the tunnel ends on this side; null for the URL that runners are given.</param>
    public SshConnector(
        SshSettings ssh, BootstrapSettings bootstrap, RunnerSetup runner, ProviderCapabilities capabilities, ILogger<SshConnector> logger,
        TimeProvider? time = null,
        Uri? forgejo = null)
    {
        ArgumentNullException.ThrowIfNull(ssh);
        ArgumentNullException.ThrowIfNull(runner);
        (_ssh, _bootstrap, _runner, _capabilities, _log) = (ssh, bootstrap, runner, capabilities, logger);
        _time = time ?? TimeProvider.System;
        _route = ForgejoRoute.Of(forgejo ?? new Uri(runner.ForgejoUrl));

        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, LeastPoolThreads), ports);
    }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var key = _ssh.SeedHostKey ? HostKeyPair.Generate() : null;
            IReadOnlyList<string> authorized = [_ssh.Key.PublicKey];
            var document = CloudInit.Render(
                new NewWorker(
                    worker, _ssh.User, key, authorized,
                    _ssh is { HostsOverride: true, Reach: ForgejoReach.Tunnel } ? _route.NameToOverride : null)
                {
                    Network = _ssh.Reach == ForgejoReach.Direct
                        || _runner.NetworkReportFile is null ? null : JobNetwork.Of(new Uri(_runner.ForgejoUrl)),
                    Probe = ForgejoReachRule.AsksWorker(_ssh.Reach, new Uri(_runner.ForgejoUrl)) ? new Uri(_runner.ForgejoUrl) : null,
                },
                _bootstrap,
                _capabilities);
            return new WorkerSeed(key?.PublicKey, document, authorized);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var link = await DialAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var shell = new SshShell(link, _time);
        try
        {
            _ = new Keepalive(link, _ssh, _time).WatchAsync();
            var network = _ssh.Reach == ForgejoReach.Direct
                ? new NetworkReport.Loopback()
                : await NetworkReport.ReadAsync(shell, _runner, cancellationToken).ConfigureAwait(false);

            // Where Forgejo's name leads to the tunnel, the worker itself could not tell.
            if (network is NetworkReport.Loopback or NetworkReport.Booting
                && await IsDirectAsync(shell, endpoint.Worker, cancellationToken).ConfigureAwait(false))
            {
                return new ShellWorkerSession(
                    shell, _runner with { ForgejoHosts = new Dictionary<string, string>() }, endpoint.Worker, _time);
            }

            if (network is NetworkReport.Booting)
            {
                // Its sshd cannot be asked for the tunnel's address yet, and no job is started before it can.
                return new BootingSession(new ShellWorkerSession(shell, _runner, endpoint.Worker, _time), endpoint.Worker);
            }

            if (network is NetworkReport.Gateway { Reason: var reason })
            {
                LogFallback(endpoint.Worker, reason);
            }

            shell.Tunnel = await ReverseTunnel.OpenAsync(
                link, shell, endpoint.Worker, _route, network, _ssh, _time, cancellationToken).ConfigureAwait(false);
            return new ShellWorkerSession(shell, network.Apply(_runner, _route), endpoint.Worker, _time);
        }
        catch
        {
            await shell.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<bool> IsDirectAsync(SshShell shell, string worker, CancellationToken cancellationToken)
    {
        if (!ForgejoReachRule.AsksWorker(_ssh.Reach, new Uri(_runner.ForgejoUrl)))
        {
            return ForgejoReachRule.IsDirect(_ssh.Reach, answered: null);
        }

        var asked = await shell.RunAsync(
            RemoteScript.With("reach.sh", _runner.ForgejoUrl), new Secret(""), cancellationToken).ConfigureAwait(false);
        var direct = ForgejoReachRule.IsDirect(_ssh.Reach, asked.Output.Trim() == "yes");
        if (direct)
        {
            LogDirect(worker);
        }
        else
        {
            LogTunnel(worker);
        }

        return direct;
    }

    [LoggerMessage(
        EventId = 1701, EventName = "ForgejoReachedDirectly", Level = LogLevel.Debug,
        Message = "Worker {Worker} reaches Forgejo by itself; no tunnel is opened")]
    private partial void LogDirect(string worker);

    [LoggerMessage(
        EventId = 1702, EventName = "ForgejoReachedByTunnel", Level = LogLevel.Debug,
        Message = "Worker {Worker} gets no answer from Forgejo by itself; its jobs go through the tunnel")]
    private partial void LogTunnel(string worker);

    [LoggerMessage(
        EventId = 1703,
        EventName = "JobNetworkWithoutResolver",
        Level = LogLevel.Warning,
        Message = "Worker {Worker}: image builds and containers that jobs start themselves cannot resolve Forgejo's name, because " +
            "{Reason}; install dnsmasq in the image")]
    private partial void LogFallback(string worker, string reason);

    private async Task<SshLink> DialAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        var pin = endpoint.HostKey is { } pinned ? HostKeyPin.Parse(pinned) : null;
        SessionException? failure = null;
        foreach (var address in endpoint.Addresses)
        {
            try
            {
                var link = await SshLink.DialAsync(address, _ssh, pin, _time, cancellationToken).ConfigureAwait(false);
                if (pin is null)
                {
                    _log.LogWarning(
                        "Worker {Worker} at {Address} has no seeded host key: trusting {HostKey} on first use and pinning it",
                        endpoint.Worker, address, link.HostKey);
                }

                return link;
            }
            catch (SessionException e) when (e.Kind is SessionErrorKind.Unreachable or SessionErrorKind.AuthenticationFailed)
            {
                // The first failure is the best address's; the others are second choices.
                failure ??= e;
            }
        }

        throw failure ?? new SessionException(SessionErrorKind.Unreachable, $"worker {endpoint.Worker} has no address yet");
    }
}
