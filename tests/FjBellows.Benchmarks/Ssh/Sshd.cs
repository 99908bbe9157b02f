using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh;
using FjBellows.Ssh.HostKeys;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>A real sshd on loopback with a runner that notes when it started.</summary>
internal sealed class Sshd : IDisposable
{
    public static readonly IPEndPoint EndPoint = new(IPAddress.Parse("127.42.99.1"), 22022);

    private readonly Process _process;

    public Sshd(IPEndPoint? at = null)
    {
        At = at ?? EndPoint;
        Directory = System.IO.Directory.CreateTempSubdirectory("fjb-bench-").FullName;
        Write("host_key", HostKey.PrivateKey.Reveal());
        Write("authorized_keys", Client.PublicKey + "\n");
        Write("runner", "#!/bin/sh\ndate +%s%N > \"${0%/*}/start.new\" && mv \"${0%/*}/start.new\" \"${0%/*}/start\"\n");
        Write("sshd_config", $"""
            ListenAddress {At}
            HostKey {Directory}/host_key
            AuthorizedKeysFile {Directory}/authorized_keys
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            MaxStartups 500
            LogLevel ERROR
            SetEnv HOME={Directory}
            """ + "\n");
        System.IO.Directory.CreateDirectory("/run/sshd");
        _process = Process.Start("/usr/sbin/sshd", ["-D", "-e", "-f", Path.Combine(Directory, "sshd_config")]);
    }

    public static ClientKey Client { get; } = ClientKey.Parse(HostKeyPair.Generate().PrivateKey, null, "the benchmark's");

    public HostKeyPair HostKey { get; } = HostKeyPair.Generate();

    /// <summary>Where it listens.</summary>
    public IPEndPoint At { get; }

    public string Directory { get; }

    public string Runner => Path.Combine(Directory, "runner");

    /// <summary>Waits until it takes connections.</summary>
    public async Task ListeningAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(At).ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (attempt < 200)
            {
                await Task.Delay(20).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A session whose Forgejo would listen on a port.</summary>
    public async Task<IWorkerSession> ConnectAsync(IPEndPoint at, int forgejoPort)
    {
        var setup = new RunnerSetup
        {
            ForgejoUrl = $"http://127.43.0.1:{forgejoPort}",
            RunnerCommand = [Runner],
            JobsDirectory = Path.Combine(Directory, "jobs"),
            WorkDirectory = Path.Combine(Directory, "work"),
        };
        var connector = new SshConnector(
            new SshSettings { Key = Client, User = Environment.UserName, Port = at.Port }, new(), setup,
            new ProviderCapabilities(16384, false), NullLogger<SshConnector>.Instance);
        return await connector.ConnectAsync(
            new WorkerEndpoint($"w-{forgejoPort}", "i", [$"{at.Address}"], HostKey.PublicKey), default).ConfigureAwait(false);
    }

    /// <summary>Waits for the runner's own note of its start.</summary>
    public async Task<DateTimeOffset> StartedAsync()
    {
        var file = Path.Combine(Directory, "start");
        while (!File.Exists(file))
        {
            await Task.Delay(1).ConfigureAwait(false);
        }

        var nanoseconds = long.Parse(
            await File.ReadAllTextAsync(file).ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture);
        File.Delete(file);
        return DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
