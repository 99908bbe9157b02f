using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>The way to workers that a cloud makes from an image and cloud-init, and that are reached over SSH.</summary>
internal static class SshWorkers
{
    /// <summary>Makes the connector of a pool.</summary>
    /// <param name="context">What the pool is made from.</param>
    /// <param name="capabilities">What the pool's provider carries into a worker.</param>
    public static IWorkerConnector Connect(ProviderContext context, ProviderCapabilities capabilities)
    {
        var config = context.Config;
        var bootstrap = new BootstrapSettings
        {
            RunnerVersion = config.Runner.Version.TrimStart('v'),
            Docker = context.Pool.Labels.NeedsDocker,
            Packages = config.Worker.Packages,
            Run = config.Worker.Run.Count == 0 ? null : string.Join('\n', config.Worker.Run),
            PreparedImage = config.Worker.PreparedImage,
        };
        if (config.Runner.Mirror is { } mirror)
        {
            bootstrap = bootstrap with { RunnerMirror = mirror };
        }

        var ssh = new SshSettings
        {
            Key = ClientKey.Read(config.Ssh.PrivateKeyFile!, config.Ssh.Passphrase),
            User = config.Ssh.User,
            Port = config.Ssh.Port,
            KeyExchanges = config.Ssh.KeyExchanges,
            Ciphers = config.Ssh.Ciphers,
            SeedHostKey = config.Ssh.SeedHostKey,
            Reach = config.Forgejo.Reach,
        };
        var runner = WorkerLayout.RunnerSetup(config.Forgejo.Url, context.Pool.Labels.NeedsDocker ? DockerUse.Own : DockerUse.None);
        if (config.Runner.Path is { } path)
        {
            runner = runner with { RunnerCommand = [path] };
            bootstrap = bootstrap with { RunnerPath = path };
        }

        return new SshConnector(ssh, bootstrap, runner, capabilities, context.Logs.CreateLogger<SshConnector>(), context.Time);
    }
}
