using System.Diagnostics;
using System.Globalization;
using FjBellows.Dispatch;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>A worker made of a directory and the machine's own shell, and a session to it. Kills what it has left running.</summary>
internal sealed class DispatchBench : IAsyncDisposable
{
    public const string Token = "0123456789abcdef0123456789abcdef01234567";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly List<ShellWorkerSession> _sessions = [];

    public DispatchBench(string behaviour = "exit 0", Func<RunnerSetup, RunnerSetup>? setup = null)
    {
        Root = Directory.CreateTempSubdirectory("fjb-dispatch-").FullName;
        (Program, Seen) = FakeRunner.Write(Root, behaviour);
        Setup = new RunnerSetup
        {
            ForgejoUrl = "http://forge.test:3000/",
            // Not executed itself: a process forked in another test may still hold the file open for writing ("text file busy").
            RunnerCommand = ["/bin/sh", Program],
            JobsDirectory = Path.Combine(Root, "jobs"),
            WorkDirectory = Path.Combine(Root, "work"),
        };
        Setup = setup?.Invoke(Setup) ?? Setup;
        Session = NewSession();
    }

    public string Root { get; }

    public string Program { get; }

    public string Seen { get; }

    public RunnerSetup Setup { get; }

    public ShellWorkerSession Session { get; }

    public static DispatchId Id { get; } = new("w-1");

    public static JobLaunch Launch(string id = "w-1", string handle = "5c0f", params string[] labels) =>
        new(new DispatchId(id), "f2a4", new Secret(Token), labels.Length == 0 ? ["debian:host"] : labels, handle);

    public ShellWorkerSession NewSession()
    {
        var session = new ShellWorkerSession(new LocalShell(Root), Setup, "w");
        _sessions.Add(session);
        return session;
    }

    public string DispatchFile(string name, string id = "w-1") => Path.Combine(Root, "jobs", id, name);

    public async Task<string> SeenAsync(string name)
    {
        var path = Path.Combine(Seen, name);
        await WrittenAsync(path);
        return await File.ReadAllTextAsync(path);
    }

    /// <summary>Waits until a file has a content: a shell makes it before it writes it.</summary>
    public static Task WrittenAsync(string path) =>
        UntilAsync(() => new FileInfo(path) is { Exists: true, Length: > 0 }, $"there is no {path}");

    public int[] RunnerPids() =>
        File.Exists(Path.Combine(Seen, "pids"))
            ? [.. File.ReadAllLines(Path.Combine(Seen, "pids")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))]
            : [];

    /// <summary>Runner's pid and keeper's pid as the dispatch's own record has them.</summary>
    public (int Runner, int Keeper) Recorded()
    {
        var words = File.ReadAllText(DispatchFile("pid")).Split(' ');
        return (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
    }

    public static bool Lives(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(Deadline, otherwise);
            await Task.Delay(20);
        }
    }

    public static void Kill(int pid)
    {
        using var kill = Process.Start("/bin/kill", ["-KILL", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in await Session.InspectAsync(CancellationToken.None))
        {
            await Session.SignalAsync(process.Dispatch, RunnerSignal.Kill, CancellationToken.None);
        }

        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        for (var attempt = 0; Directory.Exists(Root) && attempt < 50; attempt++)
        {
            try
            {
                Directory.Delete(Root, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(20);
            }
        }
    }
}
