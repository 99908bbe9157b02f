using System.Security.Cryptography;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;

namespace FjBellows.Daemon.Commands;

/// <summary>What <c>fj-bellows check</c> looks at on this host.</summary>
internal static class HostChecks
{
    private const long LowSpace = 256L * 1024 * 1024;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // A secret that a platform mounts is often readable by the group of the process.
    private const UnixFileMode LooseForSecrets = Others | UnixFileMode.GroupWrite;
    private const UnixFileMode WritableByOthers = UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
    private const UnixFileMode GroupAndOthers = Others | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Who may read the configuration.</summary>
    /// <param name="path">The file.</param>
    public static IEnumerable<CheckLine> ConfigFile(string path)
    {
        if (ModeOf(path) is { } mode && (mode & Others) != 0)
        {
            yield return new(
                Severity.Warning, "file mode", $"{path} may be read or written by every user (mode {Octal(mode)}), and it holds tokens",
                $"chmod 600 {path}");
        }
    }

    /// <summary>Who may read the files whose content is a secret of the configuration.</summary>
    public static IEnumerable<CheckLine> SecretFiles(IEnumerable<string> files) =>
        from path in files
        let mode = ModeOf(path)
        where mode is not null && (mode & LooseForSecrets) != 0
        select new CheckLine(
            Severity.Warning, "file mode",
            $"{path} holds a secret, and may be {((mode & Others) != 0 ? "read or written by every user" : "written by its group")} " +
            $"(mode {Octal(mode.Value)})", $"chmod 600 {path}");

    /// <summary>Whether the control plane may listen where it is configured to (invariant S9).</summary>
    /// <param name="options">The command line.</param>
    public static IEnumerable<CheckLine> Control(DaemonOptions options)
    {
        if (ControlAddress.Problem(options.ControlListen, options.ControlTokenFile) is { } problem)
        {
            yield return new(Severity.Error, CheckReport.ControlSubject, problem.Message, problem.Fix);
        }
        else if (options.ControlTokenFile is { } file && ModeOf(file) is { } mode && (mode & GroupAndOthers) != 0)
        {
            yield return new(
                Severity.Warning, CheckReport.ControlSubject, $"{file} may be read by others (mode {Octal(mode)})", $"chmod 600 {file}");
        }
    }

    /// <summary>Whether the private key is there and is one.</summary>
    /// <param name="ssh">How workers are reached.</param>
    public static IEnumerable<CheckLine> SshKey(SshConfig ssh)
    {
        if (ssh.PrivateKeyFile is not { } path)
        {
            yield break;
        }

        string? text = null;
        CheckLine? unread = null;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "does not exist" : $"cannot be read: {e.Message}";
            unread = new(Severity.Error, "ssh key", $"{path} {reason}", $"make it with: ssh-keygen -t ed25519 -N \"\" -f {path}");
        }

        if (unread is not null)
        {
            yield return unread;
            yield break;
        }

        if (!PemEncoding.TryFind(text, out var pem) || !text.AsSpan()[pem.Label].EndsWith("PRIVATE KEY"))
        {
            var isPublic = text!.StartsWith("ssh-", StringComparison.Ordinal);
            yield return new(
                Severity.Error, "ssh key",
                isPublic ? $"{path} is a public key" : $"{path} is not a private key in OpenSSH or PEM form",
                isPublic ? "name the file without .pub" : $"make one with: ssh-keygen -t ed25519 -N \"\" -f {path}");
            yield break;
        }

        yield return ModeOf(path) is { } mode && (mode & GroupAndOthers) != 0
            ? new(Severity.Warning, "ssh key", $"{path} may be read by others (mode {Octal(mode)})", $"chmod 600 {path}")
            : new(Severity.Ok, "ssh key", path);
    }

    /// <summary>Whether the state directory takes files, and has room for them.</summary>
    /// <param name="path">The directory; it may be missing still.</param>
    public static IEnumerable<CheckLine> State(string path)
    {
        var existing = path;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        if (!StateDirectory.IsWritable(existing))
        {
            yield return new(
                Severity.Error, "state",
                existing == path ? $"{path} is not writable for this user" : $"{path} does not exist, and cannot be made in {existing}",
                "correct its owner and mode, run the check as the daemon's user, or choose another with state.directory or --state");
            yield break;
        }

        if (existing == path && !OperatingSystem.IsWindows() && File.GetUnixFileMode(path) is var directory
            && (directory & WritableByOthers) != 0)
        {
            yield return new(
                Severity.Warning, "state",
                $"other users may write in {path} (mode {Octal(directory)}): they could replace the journal or the control socket",
                $"chmod 700 {path}");
        }

        var free = new DriveInfo(existing).AvailableFreeSpace;
        yield return free < LowSpace
            ? new(Severity.Warning, "state", $"{path} has {free / (1024 * 1024)} MiB of free space",
                "free some space: when the journal cannot be written, provisioning and dispatch stop")
            : new(Severity.Ok, "state",
                $"{path}{(existing == path ? "" : " (created at the first start)")}, {free / (1024 * 1024 * 1024.0):0.0} GiB free");
    }

    private static UnixFileMode? ModeOf(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : null;

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode & 0x1FF, 8).PadLeft(3, '0');
}
