using System.Diagnostics;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A machine's stand-in that was made by the real cloud-init from a document, in namespaces of its own.</summary>
internal sealed class BootedWorker : IAsyncDisposable
{
    private static int _count;

    private readonly Process _process;
    private readonly string _namespace;
    private readonly DirectoryInfo _directory;
    private readonly List<string> _said = [];
    private readonly TaskCompletionSource _over = new();

    private BootedWorker(string name, string subnet, DirectoryInfo directory)
    {
        (_namespace, _directory) = (name, directory);
        HostAddress = subnet + ".1";
        Address = subnet + ".2";
        _process = Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", name, "unshare", "-m", "-u", "--propagation", "private", "sh", Path.Combine(
                AppContext.BaseDirectory, "Ssh", "first-boot.sh"), directory.FullName])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.OutputDataReceived += (_, line) => Take(line.Data ?? "");
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>This side of the wire.</summary>
    public string HostAddress { get; }

    public string Address { get; }

    /// <summary>Boots a machine and waits until cloud-init is through.</summary>
    /// <param name="document">Makes the user data; it is given this side's address.</param>
    public static async Task<BootedWorker> BootAsync(Func<string, string> document)
    {
        var worker = await StartAsync(document);
        await worker.Booted.WaitAsync(TimeSpan.FromMinutes(2));
        return worker;
    }

    /// <summary>Switches a machine on: its network is there, and it boots.</summary>
    /// <param name="document">Makes the user data; it is given this side's address.</param>
    /// <param name="programs">What its image has in /usr/local/bin, by name: shell scripts.</param>
    /// <param name="shared">Directories of this machine that its image has, read-only, at the same path.</param>
    public static async Task<BootedWorker> StartAsync(
        Func<string, string> document, IReadOnlyDictionary<string, string>? programs = null, IReadOnlyList<string>? shared = null)
    {
        var number = Interlocked.Increment(ref _count);
        var name = $"fjb{Environment.ProcessId}-{number}";
        var subnet = $"198.18.{(Environment.ProcessId + number) % 250}";
        await Command.RunAsync("ip", "netns", "add", name);
        await Command.RunAsync("ip", "-n", name, "link", "set", "lo", "up");
        await Command.RunAsync("ip", "link", "add", $"v{name}", "type", "veth", "peer", "name", "eth0", "netns", name);
        await Command.RunAsync("ip", "addr", "add", $"{subnet}.1/30", "dev", $"v{name}");
        await Command.RunAsync("ip", "link", "set", $"v{name}", "up");
        await Command.RunAsync("ip", "-n", name, "addr", "add", $"{subnet}.2/30", "dev", "eth0");
        await Command.RunAsync("ip", "-n", name, "link", "set", "eth0", "up");
        var directory = Directory.CreateTempSubdirectory("fjb-boot-");
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "user-data"), document($"{subnet}.1"));
        await File.WriteAllLinesAsync(Path.Combine(directory.FullName, "shared"), shared ?? []);
        foreach (var (program, script) in programs ?? new Dictionary<string, string>())
        {
            await File.WriteAllTextAsync(Path.Combine(directory.CreateSubdirectory("programs").FullName, program), script);
        }

        return new BootedWorker(name, subnet, directory);
    }

    /// <summary>Ends when cloud-init is through.</summary>
    public Task Booted => _over.Task;

    /// <summary>Runs a program of this machine in the worker's network.</summary>
    public Task<string> InsideAsync(params string[] command) => Command.RunAsync("ip", ["netns", "exec", _namespace, .. command]);

    /// <summary>Cuts the wire, or mends it.</summary>
    public Task CutAsync(bool cut) => Command.RunAsync("ip", "link", "set", $"v{_namespace}", cut ? "down" : "up");

    public string Said()
    {
        lock (_said)
        {
            return string.Join('\n', _said);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var (_, inside) = await Command.TryAsync("ip", "netns", "pids", _namespace);
        foreach (var pid in inside.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await Command.TryAsync("/bin/kill", "-KILL", pid);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        await Command.TryAsync("ip", "netns", "del", _namespace);
        _directory.Delete(recursive: true);
    }

    private void Take(string? line)
    {
        lock (_said)
        {
            _said.Add(line ?? "");
        }

        if (line is null)
        {
            _over.TrySetException(new InvalidOperationException($"the first boot broke off: {Said()}"));
        }
        else if (line == "first boot is over")
        {
            _over.TrySetResult();
        }
    }
}
