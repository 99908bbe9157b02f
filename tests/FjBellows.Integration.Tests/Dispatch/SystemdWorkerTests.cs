using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>Dispatches as transient units of a real systemd, for a user who is root and for one who is not.</summary>
[Needs(Part.SystemdInNamespace, Part.Sudo)]
public sealed class SystemdWorkerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("root")]
    [InlineData("worker")]
    [Trait("Invariant", "W14")]
    public async Task A_dispatch_is_a_unit_from_its_start_to_its_clean_up(string user)
    {
        await using var worker = await SystemdWorker.StartAsync(
            user, "id -un > \"$seen/user\"; until [ -e \"$seen/go\" ]; do sleep 0.1; done; exit 3");
        await using var session = worker.Session();
        await session.StartAsync(SystemdWorker.Launch(), None);
        await worker.SeenAsync("user");

        (await File.ReadAllTextAsync(Path.Combine(worker.Seen, "user"))).Trim().ShouldBe(user);
        (await worker.RunAsync("root", "systemctl show fj-bellows-w-1 -p ActiveState -p SubState")).ShouldContain("SubState=running");
        (await session.InspectAsync(None)).ShouldBe([new RunnerProcess(SystemdWorker.Id, true, null) { Source = ExitSource.Unit }]);
        await session.StartAsync(SystemdWorker.Launch(), None);
        (await File.ReadAllLinesAsync(Path.Combine(worker.Seen, "pids"))).Length.ShouldBe(1, "a second start starts nothing");
        (await Should.ThrowAsync<SessionException>(() => session.CleanAsync(SystemdWorker.Id, None))).Message.ShouldContain("still runs");

        await File.WriteAllTextAsync(Path.Combine(worker.Seen, "go"), "");
        var lines = new List<string>();
        var exit = await session.FollowAsync(SystemdWorker.Id, lines.Add, None);
        (exit.ExitCode, exit.Source, exit.Progress.TaskId).ShouldBe((3, ExitSource.Unit, 214L));
        lines.ShouldContain(line => line.Contains("task 214 repo is o/r"));
        (await session.InspectAsync(None)).ShouldBe([new RunnerProcess(SystemdWorker.Id, false, 3) { Source = ExitSource.Unit }]);

        await session.CleanAsync(SystemdWorker.Id, None);
        (await session.InspectAsync(None)).ShouldBeEmpty();
        (await worker.RunAsync("root", "systemctl list-units --all --plain --no-legend 'fj-bellows-*'")).Trim().ShouldBeEmpty();
        Directory.GetDirectories(Path.Combine(worker.Home, "jobs")).ShouldBeEmpty();
        Directory.GetDirectories(Path.Combine(worker.Home, "work")).ShouldBeEmpty();
        await session.CleanAsync(SystemdWorker.Id, None);
    }

    [Fact]
    [Trait("Invariant", "J11")]
    public async Task What_a_job_forges_is_not_believed()
    {
        // The job writes an exit code, another process's pid and an end into everything of its dispatch that it can reach, and a dispatch
        // that never was.
        await using var worker = await SystemdWorker.StartAsync("worker", """
            d=${token%/token}
            echo 2 > "$d/exit"; echo "1 1 1 1 -" > "$d/pid"; rm -f "$d/lock"
            mkdir -p "${d%/*}/w-2" "${d%/*}/w-99"; echo 2 > "${d%/*}/w-99/exit"
            echo 2 > /run/fj-bellows/units/w-1/exit; echo 2 > /run/fj-bellows/units/w-1/pid; rm -rf /run/fj-bellows/units/w-1; mkdir /run/fj-bellows/units/w-98
            echo forged > "$seen/forged"
            until [ -e "$seen/go" ]; do sleep 0.1; done
            exit 0
            """);
        await using var session = worker.Session();
        await session.StartAsync(SystemdWorker.Launch(), None);
        await worker.SeenAsync("forged");
        var following = session.FollowAsync(SystemdWorker.Id, null, None);

        (await session.InspectAsync(None)).ShouldBe([new RunnerProcess(SystemdWorker.Id, true, null) { Source = ExitSource.Unit }]);
        await Task.Delay(500);
        following.IsCompleted.ShouldBeFalse();
        await File.WriteAllTextAsync(Path.Combine(worker.Seen, "go"), "");
        (await following).ShouldSatisfyAllConditions(exit => exit.ExitCode.ShouldBe(0), exit => exit.Source.ShouldBe(ExitSource.Unit));
        await session.CleanAsync(SystemdWorker.Id, None);

        // The directory it made in the next dispatch's place does not keep that one from starting.
        File.Delete(Path.Combine(worker.Seen, "go"));
        await session.StartAsync(SystemdWorker.Launch("w-2"), None);
        (await session.InspectAsync(None)).ShouldHaveSingleItem().Alive.ShouldBeTrue();
        (await session.SendSignalAsync(new DispatchId("w-2"), RunnerSignal.Kill, None)).ShouldBeFalse();
        (await session.FollowAsync(new DispatchId("w-2"), null, None)).ExitCode.ShouldBe(137);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task A_signal_reaches_the_unit_and_everything_that_the_job_has_left_in_it()
    {
        await using var worker = await SystemdWorker.StartAsync("worker", """
            trap 'echo termed > "$seen/termed"' TERM
            setsid sh -c 'trap "" TERM; echo $$ > '"$seen"'/child; unset FJ_BELLOWS_DISPATCH; exec sleep 600' &
            while :; do sleep 0.2; done
            """);
        await using var session = worker.Session();
        await session.StartAsync(SystemdWorker.Launch(), None);
        await worker.SeenAsync("child");

        (await session.SendSignalAsync(SystemdWorker.Id, RunnerSignal.Terminate, None)).ShouldBeTrue();
        await worker.SeenAsync("termed");
        (await session.SendSignalAsync(SystemdWorker.Id, RunnerSignal.Kill, None)).ShouldBeFalse();

        await session.CleanAsync(SystemdWorker.Id, None);
        var child = await File.ReadAllTextAsync(Path.Combine(worker.Seen, "child"));
        (await worker.RunAsync("root", $"test -d /proc/{child.Trim()} && echo there || echo gone")).Trim().ShouldBe("gone");
    }

    [Fact]
    [Trait("Invariant", "W16")]
    public async Task Directories_of_root_that_a_job_left_are_removed_for_a_user_who_is_not()
    {
        await using var worker = await SystemdWorker.StartAsync("worker", "exit 0");
        await using var session = worker.Session();
        await session.StartAsync(SystemdWorker.Launch(), None);
        await session.FollowAsync(SystemdWorker.Id, null, None);
        var left = Path.Combine(worker.Home, "work", "w-1", "volume");
        await worker.RunAsync("root", $"mkdir -p {left}/deep && touch {left}/deep/file && chmod 700 {left}");

        await session.CleanAsync(SystemdWorker.Id, None);

        Directory.Exists(Path.GetDirectoryName(left)).ShouldBeFalse();
    }
}
