using FjBellows.Dispatch;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>Dispatches on workers that lack what most have. Each is this machine seen from a mount namespace in which something is
/// hidden.</summary>
[Needs(Part.MountNamespaces)]
public sealed class PoorWorkerTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _root = Directory.CreateTempSubdirectory("fjb-poor-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("without flock", "mount --bind /dev/null \"$(command -v flock)\"")]
    [InlineData("without setsid", "mount --bind /dev/null \"$(command -v setsid)\"")]
    [InlineData("without both", "mount --bind /dev/null \"$(command -v setsid)\" && mount --bind /dev/null \"$(command -v flock)\"")]
    [InlineData("without /proc", "mount -t tmpfs none /proc")]
    [Trait("Invariant", "W14")]
    public async Task A_dispatch_starts_is_followed_killed_and_cleaned(string _, string hide) =>
        await WholeLifeAsync(new NarrowedShell(new LocalShell(_root), hide + " && exec /bin/sh -c \"$1\""));

    [Fact]
    [Needs(Part.Busybox)]
    [Trait("Invariant", "W14")]
    public async Task Busybox_is_enough()
    {
        var jail = Directory.CreateDirectory(Path.Combine(_root, "jail")).FullName;
        await WholeLifeAsync(new NarrowedShell(new LocalShell(_root), $$"""
            mkdir -p {{jail}}/bin {{jail}}/proc {{jail}}/dev {{jail}}/usr/bin {{jail}}{{_root}}/home && { [ -x {{jail}}/bin/busybox ] || cp /bin/busybox {{jail}}/bin/busybox; } &&
            ln -sf busybox {{jail}}/bin/sh && ln -sf ../../bin/busybox {{jail}}/usr/bin/env && mount --bind /proc {{jail}}/proc && mount --bind /dev {{jail}}/dev &&
            mount --bind {{_root}}/home {{jail}}{{_root}}/home && exec chroot {{jail}} /bin/sh -c "$1"
            """));
    }

    private async Task WholeLifeAsync(IWorkerShell shell)
    {
        var home = Directory.CreateDirectory(Path.Combine(_root, "home")).FullName;
        var (program, seen) = FakeRunner.Write(home, """
            if [ ! -f "$seen/stubborn" ]; then echo no task; exit 2; fi
            trap '' TERM
            sleep 300 & echo $! > "$seen/child"
            while :; do sleep 0.05; done
            """);
        await using var session = new ShellWorkerSession(shell, new RunnerSetup
        {
            ForgejoUrl = "http://forge.test/",
            RunnerCommand = ["/bin/sh", program],
            JobsDirectory = home + "/jobs",
            WorkDirectory = home + "/work",
        }, "poor");
        (await session.CheckReadyAsync(None)).Ready.ShouldBeTrue();

        await session.StartAsync(DispatchBench.Launch("w-1"), None);
        var lines = new List<string>();
        (await session.FollowAsync(new DispatchId("w-1"), lines.Add, None)).ExitCode.ShouldBe(2);
        lines[^1].ShouldBe("no task");
        File.Exists(home + "/jobs/w-1/token").ShouldBeFalse();
        await session.CleanAsync(new DispatchId("w-1"), None);

        await File.WriteAllTextAsync(seen + "/stubborn", "");
        await session.StartAsync(DispatchBench.Launch("w-2"), None);
        await session.StartAsync(DispatchBench.Launch("w-2"), None);
        await DispatchBench.UntilAsync(
            () => File.Exists(seen + "/child") && File.ReadAllText(seen + "/child").EndsWith('\n'), "the job did not start");
        var pids = (await File.ReadAllLinesAsync(seen + "/pids"))[1..].Append((await File.ReadAllTextAsync(seen + "/child")).Trim())
            .Select(int.Parse).ToArray();
        pids.Length.ShouldBe(2);
        (await session.InspectAsync(None)).ShouldBe([new RunnerProcess(new DispatchId("w-2"), Alive: true, ExitCode: null)]);
        var following = session.FollowAsync(new DispatchId("w-2"), null, None);

        await session.SignalAsync(new DispatchId("w-2"), RunnerSignal.Terminate, None);
        pids.ShouldAllBe(pid => DispatchBench.Lives(pid));
        await session.SignalAsync(new DispatchId("w-2"), RunnerSignal.Kill, None);

        (await following).ExitCode.ShouldBe(137);
        await DispatchBench.UntilAsync(() => !pids.Any(DispatchBench.Lives), "the job outlived the kill");
        await session.CleanAsync(new DispatchId("w-2"), None);
        (await session.InspectAsync(None)).ShouldBeEmpty();
    }

    /// <summary>Runs every command in a mount namespace of its own, after something was hidden in it.</summary>
    private sealed class NarrowedShell(LocalShell inner, string setup) : IWorkerShell
    {
        public Task<string> Lost => inner.Lost;

        public string? HostKey => null;

        public Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken) =>
            inner.RunAsync(Narrowed(command), input, cancellationToken);

        public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken) =>
            inner.StreamAsync(Narrowed(command), line, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private string Narrowed(string command) =>
            $"exec unshare -m /bin/sh -c {ShellQuoting.Quote(setup)} sh {ShellQuoting.Quote(command)}";
    }
}
