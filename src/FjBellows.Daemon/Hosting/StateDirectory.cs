using FjBellows.Daemon.Commands;

namespace FjBellows.Daemon.Hosting;

/// <summary>Where the daemon keeps its journal.</summary>
internal static class StateDirectory
{
    /// <summary>The place for a daemon that is installed for the whole system.</summary>
    public const string System = "/var/lib/fj-bellows";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Decides on the directory; makes nothing.</summary>
    /// <param name="flag"><c>--state</c>, null when not given.</param>
    /// <param name="configured"><c>state.directory</c>, null when not given.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="system">The system-wide place.</param>
    public static string Find(string? flag, string? configured, Func<string, string?> variable, string system = System)
    {
        if ((flag ?? configured) is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        // systemd lists several when a unit asks for several; the first is the unit's own.
        if (variable("STATE_DIRECTORY")?.Split(':')[0] is { Length: > 0 } given)
        {
            return given;
        }

        if (IsWritable(system) || (!Directory.Exists(system) && IsWritable(Path.GetDirectoryName(system)!)))
        {
            return system;
        }

        var home = variable("HOME") is { Length: > 0 } h ? h : "/";
        var xdg = variable("XDG_STATE_HOME") is { Length: > 0 } x && Path.IsPathRooted(x) ? x : Path.Combine(home, ".local", "state");
        return Path.Combine(xdg, "fj-bellows");
    }

    /// <summary>Makes the directory, for this user only, where it is missing, and proves that it takes files.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="CommandException">It cannot be used.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unusable(path, e.Message);
        }

        if (!IsWritable(path))
        {
            throw Unusable(path, "it is not writable for this user");
        }
    }

    /// <summary>True when a file can be made in a directory.</summary>
    /// <param name="path">The directory.</param>
    public static bool IsWritable(string path)
    {
        try
        {
            var probe = Path.Combine(path, $".fj-bellows-probe-{Guid.NewGuid():N}");
            using var stream = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static CommandException Unusable(string path, string reason) => new(
        ExitCode.State,
        $"the state directory {path} cannot be used: {reason}. Without it workers are lost at the next restart; correct its owner and " +
        $"mode, or choose another with --state or state.directory");
}
