using System.Diagnostics;
using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Sandbox.Local;
using FjBellows.Ssh;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>A worker with a real systemd and the bootstrap's unit helper, seen as the user who logs in there.</summary>
internal sealed class SystemdWorker : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _group;
    private readonly DirectoryInfo _directory;
    private int _init;

    private SystemdWorker(Process process, string group, DirectoryInfo directory, string user)
    {
        (_process, _group, _directory, User) = (process, group, directory, user);
        Setup = new RunnerSetup
        {
            ForgejoUrl = "http://forge.test:3000/",
            RunnerCommand = ["/bin/sh", Path.Combine(Home, "runner")],
            JobsDirectory = Path.Combine(Home, "jobs"),
            WorkDirectory = Path.Combine(Home, "work"),
            UnitHelper = Path.Combine(Home, "helper"),
        };
    }

    public static DispatchId Id { get; } = new("w-1");

    /// <summary>Who logs in, and whom jobs run as.</summary>
    public string User { get; }

    /// <summary>A directory that both sides see.</summary>
    public string Home => Path.Combine(_directory.FullName, "worker");

    public string Seen => Path.Combine(Home, "seen");

    public RunnerSetup Setup { get; }

    public static async Task<SystemdWorker> StartAsync(string user, string behaviour)
    {
        var groups = (await File.ReadAllLinesAsync("/proc/mounts")).Select(line => line.Split(' ')).First(words => words[2] == "cgroup2");
        var directory = Directory.CreateTempSubdirectory("fjb-systemd-");
        var home = directory.CreateSubdirectory("worker");
        foreach (var part in new[] { "jobs", "work" })
        {
            home.CreateSubdirectory(part);
        }

        FakeRunner.Write(home.FullName, behaviour);
        await Command.RunAsync("chmod", "-R", "a+rwX", directory.FullName);
        var helper = Path.Combine(home.FullName, "helper");
        await File.WriteAllTextAsync(
            helper, $"#!/bin/sh\nuser={user}\njobs={home.FullName}/jobs\nwork={home.FullName}/work\n{RemoteScript.Text("unit.sh")}");
        await Command.RunAsync("chmod", "755", helper);

        var group = Path.Combine(groups[1], directory.Name);
        Directory.CreateDirectory(group);
        var script = Path.Combine(AppContext.BaseDirectory, "Dispatch", "systemd.sh");
        var process = Process.Start(new ProcessStartInfo("/bin/sh",
            ["-c", "echo $$ > \"$1/cgroup.procs\"; exec unshare --pid --fork --kill-child --mount --cgroup --uts --ipc /bin/sh \"$2\" " +
                "\"$3\"", "sh", group, script, directory.FullName])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var worker = new SystemdWorker(process, group, directory, user);
        try
        {
            await worker.BootedAsync();
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    public ShellWorkerSession Session(TimeProvider? time = null) =>
        new(new InsideShell(new LocalShell(Home), Enter(User)), Setup, "w", time);

    /// <summary>Runs a command there as somebody.</summary>
    public Task<string> RunAsync(string user, string command) =>
        Command.RunAsync("/bin/sh", "-c", Enter(user) + ShellQuoting.Quote(command));

    public static JobLaunch Launch(string id = "w-1") => DispatchBench.Launch(id);

    public Task SeenAsync(string name) => DispatchBench.WrittenAsync(Path.Combine(Seen, name));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        foreach (var pid in Pids())
        {
            await Command.TryAsync("/bin/kill", "-KILL", pid);
        }

        await DispatchBench.UntilAsync(() => !Pids().Any(), "every process there is gone");
        foreach (var below in Directory.GetDirectories(_group, "*", SearchOption.AllDirectories).OrderByDescending(path => path.Length)
            .Append(_group))
        {
            await Command.TryAsync("rmdir", below);
        }

        _directory.Delete(recursive: true);
    }

    private string Enter(string user) =>
        $"exec nsenter --target {_init} --mount --pid --root env --chdir=/ -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/home/{user} "
        + (user == "root" ? "/bin/sh -c " : $"setpriv --reuid={user} --regid={user} --init-groups /bin/sh -c ");

    private IEnumerable<string> Pids() => Directory.Exists(_group)
        ? Directory.GetFiles(_group, "cgroup.procs", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).Where(pid => pid != "0")
        : [];

    private async Task BootedAsync()
    {
        await DispatchBench.UntilAsync(
            () => (_init = Pids().Select(int.Parse).FirstOrDefault(IsFirst)) != 0 || _process.HasExited, "systemd is process 1 there");
        _process.HasExited.ShouldBeFalse("systemd did not start");
        for (var attempt = 0;
        (await Command.TryAsync("/bin/sh", "-c", Enter("root") + "'systemctl is-active test.target'")).Item2.Trim() != "active"; attempt++)
        {
            attempt.ShouldBeLessThan(300, "systemd answers");
            await Task.Delay(100);
        }
    }

    /// <summary>Whether a process is systemd and process 1 of its own namespace.</summary>
    private static bool IsFirst(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim() == "systemd"
                && File.ReadAllLines($"/proc/{pid}/status")
                    .Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private sealed class InsideShell(LocalShell inner, string enter) : IWorkerShell
    {
        public Task<string> Lost => inner.Lost;

        public string? HostKey => null;

        public Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken) =>
            inner.RunAsync(enter + ShellQuoting.Quote(command), input, cancellationToken);

        public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken) =>
            inner.StreamAsync(enter + ShellQuoting.Quote(command), line, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
