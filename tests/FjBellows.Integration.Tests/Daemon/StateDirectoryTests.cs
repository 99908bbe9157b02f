using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Hosting;

namespace FjBellows.Integration.Tests.Daemon;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StateDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fj-bellows-state-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_flag_goes_before_the_configuration_and_that_before_the_environment()
    {
        string? Variable(string name) => name == "STATE_DIRECTORY" ? "/var/lib/unit:/var/lib/second" : null;

        StateDirectory.Find("/flag", "/configured", Variable).ShouldBe("/flag");
        StateDirectory.Find(null, "/configured", Variable).ShouldBe("/configured");
        StateDirectory.Find(null, null, Variable).ShouldBe("/var/lib/unit");
    }

    [Fact]
    public void The_system_s_place_is_used_where_it_takes_files() =>
        StateDirectory.Find(null, null, _ => null, Path.Combine(_root, "fj-bellows")).ShouldBe(Path.Combine(_root, "fj-bellows"));

    [Fact]
    public void Otherwise_it_is_below_the_state_home()
    {
        StateDirectory.Find(null, null, n => n == "HOME" ? "/home/u" : null, "/proc/fj-bellows")
            .ShouldBe("/home/u/.local/state/fj-bellows");
        StateDirectory.Find(null, null, n => n == "XDG_STATE_HOME" ? "/xdg" : null, "/proc/fj-bellows").ShouldBe("/xdg/fj-bellows");
    }

    [Fact]
    public void It_is_made_for_its_owner_only()
    {
        var path = Path.Combine(_root, "a", "b");

        StateDirectory.Prepare(path);

        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.EnumerateFileSystemEntries(path).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_takes_no_files_ends_the_start() =>
        Should.Throw<CommandException>(() => StateDirectory.Prepare("/proc/fj-bellows")).Code.ShouldBe(ExitCode.State);
}
