using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.HostKeys;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A connector and one worker's stand-in for it, with a runner that does as it is told by files.</summary>
internal sealed class SshBench : IAsyncDisposable
{
    /// <summary>Forgejo's address here: the worker's own loopback is the same machine's, so Forgejo lives on another address of
    /// it.</summary>
    public const string ForgejoAddress = "127.43.0.1";

    private SshBench(SshdHost host, SshSettings settings, int forgejoPort)
    {
        Host = host;
        Settings = settings;
        ForgejoPort = forgejoPort;
    }

    public static ClientKey Client { get; } = ClientKey.Parse(HostKeyPair.Generate().PrivateKey, null, "the test's");

    public SshdHost Host { get; }

    public SshSettings Settings { get; init; }

    public int ForgejoPort { get; }

    public static async Task<SshBench> StartAsync(
        string extra = "", Func<SshSettings, SshSettings>? change = null, string? address = null, string? network = null)
    {
        var host = await SshdHost.StartAsync(Client.PublicKey, address: address, extra: extra, network: network);
        var runner = Path.Combine(host.Directory, "runner");
        await File.WriteAllTextAsync(runner, """
            #!/bin/sh
            # Stands in for forgejo-runner: notes its arguments, environment and token, and ends when told to.
            [ "$1" != --version ] || { echo 'forgejo-runner version v12.10.1'; exit 0; }
            dir=${0%/*}
            for a; do case $a in file:*) cat "${a#file:}" > "$dir/token.$$" ;; esac; done
            printf '%s\0' "$@" > "$dir/args.new" && mv "$dir/args.new" "$dir/args.$$"
            cat /proc/self/environ > "$dir/environ.$$"
            echo started >> "$dir/starts"
            echo 'runner is up'
            while [ ! -e "$dir/finish" ]; do sleep 0.05; done
            echo 'runner ends'
            exit "$(cat "$dir/finish")"
            """);
        File.SetUnixFileMode(runner, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var settings = new SshSettings { Key = Client, User = Environment.UserName, Port = SshdHost.Port };
        return new SshBench(host, change?.Invoke(settings) ?? settings, SshdHost.FreePort());
    }

    public RunnerSetup Runner => new()
    {
        ForgejoUrl = $"http://{ForgejoAddress}:{ForgejoPort}",
        RunnerCommand = [Path.Combine(Host.Directory, "runner")],
        JobsDirectory = Path.Combine(Host.Directory, "jobs"),
        WorkDirectory = Path.Combine(Host.Directory, "work"),
    };

    public SshConnector Connector(SshSettings? settings = null) => new(
        settings ?? Settings, new BootstrapSettings(), Runner, new ProviderCapabilities(16384, true), NullLogger<SshConnector>.Instance);

    public Task<IWorkerSession> ConnectAsync() => Connector().ConnectAsync(Host.Endpoint(), CancellationToken.None);

    public void Finish(int code) => File.WriteAllText(Path.Combine(Host.Directory, "finish"), $"{code}");

    public static JobLaunch Launch(string dispatch, string token = "t0ken-0123456789abcdef", string handle = "h-1") =>
        new(new DispatchId(dispatch), "6f0a4f2e-6a5d-4c0e-9d0e-000000000001", new Secret(token), ["debian:docker://node:22"], handle);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, double seconds = 120)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (!condition())
        {
            (DateTime.UtcNow < deadline).ShouldBeTrue($"waited {seconds} s in vain until {what}");
            await Task.Delay(20);
        }
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
