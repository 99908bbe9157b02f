using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Hosting;

namespace FjBellows.Integration.Tests.Daemon;

[Trait("Invariant", "O5")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LockTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_second_daemon_ends_with_3_and_names_the_first()
    {
        using var first = DaemonProcess.Start(_files.Arguments);
        await first.SaysAsync("ready");

        var (code, _, error) = await DaemonProcess.RunAsync(_files.Arguments);

        code.ShouldBe((int)ExitCode.Locked);
        error.ShouldContain($"process {first.Id} on {Environment.MachineName}");
        error.ShouldContain("holds the lock");
    }

    [Fact]
    public async Task A_daemon_killed_by_force_leaves_no_lock()
    {
        using (var first = DaemonProcess.Start(_files.Arguments))
        {
            await first.SaysAsync("ready");
            await first.SignalAsync("KILL");
            await first.ExitAsync();
        }

        using var second = DaemonProcess.Start(_files.Arguments);
        await second.SaysAsync("ready");
    }

    [Fact]
    public void The_lock_is_free_again_after_its_holder_and_its_file_stays()
    {
        using (DaemonLock.Take(_files.Lock))
        {
            Should.Throw<CommandException>(() => DaemonLock.Take(_files.Lock)).Message.ShouldContain($"process {Environment.ProcessId}");
        }

        File.Exists(_files.Lock).ShouldBeTrue();
        DaemonLock.Take(_files.Lock).Dispose();
    }

    [Fact]
    public void A_file_made_beforehand_will_do_and_keeps_its_mode()
    {
        _files.Write("lock", "left over from somebody else, and longer than what is written into it now");
        using var held = DaemonLock.Take(_files.Lock);

        File.GetUnixFileMode(_files.Lock).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Should.Throw<CommandException>(() => DaemonLock.Take(_files.Lock)).Code.ShouldBe(ExitCode.Locked);
    }

    [Fact]
    public async Task A_file_made_beforehand_will_do_in_a_directory_that_takes_no_files()
    {
        var directory = Directory.CreateDirectory(_files.At("run"));
        var path = Path.Combine(directory.FullName, "lock");
        File.WriteAllText(path, "");
        File.SetUnixFileMode(directory.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            // Root writes everywhere: this shows more when an ordinary user runs it.
            using var held = DaemonLock.Take(path);
            await Task.CompletedTask;
            Should.Throw<CommandException>(() => DaemonLock.Take(path)).Code.ShouldBe(ExitCode.Locked);
        }
        finally
        {
            File.SetUnixFileMode(directory.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_lock_that_cannot_be_opened_says_what_to_do()
    {
        var error = Should.Throw<CommandException>(() => DaemonLock.Take(_files.At("missing/lock")));

        error.Code.ShouldBe(ExitCode.Usage);
        error.Message.ShouldContain("-lock");
    }
}
