using System.Diagnostics;
using System.Net;
using FjBellows.Daemon.Demo;
using FjBellows.Dispatch;
using FjBellows.Ssh.HostKeys;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A worker's stand-in: a real sshd on a loopback address of its own, with a host key made beforehand.</summary>
internal sealed class SshdHost : IAsyncDisposable
{
    public const int Port = 22022;

    private static int _count;

    private readonly Process _process;
    private readonly string _directory;

    private SshdHost(Process process, string directory, string address, HostKeyPair key)
    {
        _process = process;
        _directory = directory;
        Address = address;
        Key = key;
    }

    public string Address { get; }

    public HostKeyPair Key { get; }

    /// <summary>A directory that both sides see.</summary>
    public string Directory => _directory;

    public static async Task<SshdHost> StartAsync(
        string authorizedKeys, HostKeyPair? key = null, string? address = null, string extra = "", string? hostKeyFile = null,
        string? network = null)
    {
        var sshd = PartCatalog.PathOf(Part.Sshd);
        key ??= HostKeyPair.Generate();
        var number = Interlocked.Increment(ref _count);
        address ??= $"127.42.{Environment.ProcessId % 250}.{number}";
        var directory = System.IO.Directory.CreateTempSubdirectory("fjb-sshd-").FullName;
        await Private(Path.Combine(directory, "host_key"), key.PrivateKey.Reveal());
        await Private(Path.Combine(directory, "authorized_keys"), authorizedKeys);
        // A home of its own: bash reads its owner's .bashrc even for a command that comes over SSH.
        await File.WriteAllTextAsync(Path.Combine(directory, "sshd_config"), $"""
            ListenAddress {address}:{Port}
            HostKey {hostKeyFile ?? Path.Combine(directory, "host_key")}
            PidFile none
            AuthorizedKeysFile {directory}/authorized_keys
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            UseDNS no
            LogLevel INFO
            SetEnv HOME={directory}
            {extra}
            """ + "\n");
        if (Environment.IsPrivilegedProcess)
        {
            System.IO.Directory.CreateDirectory("/run/sshd");
        }

        // `ip netns exec` becomes the program it is given, so the process is sshd's either way.
        string[] command =
            [.. network is null ? [] : new[] { "ip", "netns", "exec", network }, sshd, "-D", "-e", "-f",
                Path.Combine(directory, "sshd_config")];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        var listening = new TaskCompletionSource();
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }

            if (line.Data?.Contains("Server listening", StringComparison.Ordinal) is true)
            {
                listening.TrySetResult();
            }
            else if (line.Data is null)
            {
                listening.TrySetException(new InvalidOperationException($"sshd ended: {string.Join('\n', said)}"));
            }
        };
        process.BeginErrorReadLine();
        await listening.Task.WaitAsync(TimeSpan.FromMinutes(2));
        return new SshdHost(process, directory, address, key);
    }

    public WorkerEndpoint Endpoint(string worker = "w-1") => new(worker, "i-1", [Address], Key.PublicKey);

    /// <summary>Sends a signal to the processes that serve connections, and to the listener too.</summary>
    public async Task SignalAsync(string signal, bool sessionsOnly = false)
    {
        var targets = Sessions().ToList();
        if (!sessionsOnly)
        {
            targets.Add(_process.Id);
        }

        await Command.TryAsync("/bin/kill", [$"-{signal}", .. targets.Select(pid => $"{pid}")]);
    }

    public int SessionCount => Sessions().Count();

    public async ValueTask DisposeAsync()
    {
        await SignalAsync("KILL");
        await _process.WaitForExitAsync();
        _process.Dispose();
        System.IO.Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A port that is free now on every loopback address.</summary>
    public static int FreePort() => QuietPort.Find(IPAddress.Any);

    private IEnumerable<int> Sessions()
    {
        var parents = new Dictionary<int, int>();
        foreach (var entry in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var pid) && ParentOf(pid) is { } parent)
            {
                parents[pid] = parent;
            }
        }

        return parents.Keys.Where(IsOurs);

        bool IsOurs(int pid)
        {
            while (parents.TryGetValue(pid, out pid))
            {
                if (pid == _process.Id)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static int? ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task Private(string path, string content)
    {
        await File.WriteAllTextAsync(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
