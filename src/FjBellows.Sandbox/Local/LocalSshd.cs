using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using FjBellows.Providers;

namespace FjBellows.Sandbox.Local;

/// <summary>The private sshd of an instance: OpenSSH's own program with a configuration, a host key and a loopback address that no one else
/// has. It belongs to no session of the daemon, so it outlives the daemon as a VM does; whoever comes later finds it by its pid
/// file.</summary>
public static class LocalSshd
{
    private static readonly string[] Places = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/sbin"];
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    /// <summary>OpenSSH's server on this machine; null where there is none, or where loopback has one address only.</summary>
    public static string? Find() => OperatingSystem.IsLinux()
        ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(Places)
            .Select(directory => Path.Combine(directory, "sshd"))
            .FirstOrDefault(File.Exists)
        : null;

    /// <summary>The loopback address of an instance, which follows from its id. Linux answers on all of 127.0.0.0/8.</summary>
    /// <param name="id">The instance's id.</param>
    public static IPAddress AddressOf(string id)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return new IPAddress([127, (byte)(64 + (digest[0] % 128)), digest[1], (byte)(1 + (digest[2] % 254))]);
    }

    /// <summary>Writes what the sshd of an instance needs.</summary>
    /// <param name="stage">The instance's directory while it is made.</param>
    /// <param name="spec">The host key as user data, and the keys that may log in.</param>
    internal static void Furnish(string stage, InstanceSpec spec)
    {
        var directory = Path.Combine(stage, "sshd");
        Directory.CreateDirectory(directory);
        WritePrivately(Path.Combine(directory, "host_key"), spec.UserData);
        File.WriteAllLines(Path.Combine(directory, "authorized_keys"), spec.AuthorizedKeys);
    }

    /// <summary>Writes a key file that only its owner can read from its first byte on.</summary>
    /// <param name="path">The file, which must not exist.</param>
    public static void WritePrivately(string path, Secret key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(key.Reveal()));
    }

    /// <summary>Starts the sshd of an instance unless it runs: at its birth, and after this machine was started again.</summary>
    /// <param name="instance">The instance's directory, absolute.</param>
    /// <param name="id">The instance's id.</param>
    /// <param name="port">The port to listen on.</param>
    /// <exception cref="CloudException">It does not start; the message has what it said.</exception>
    public static async Task EnsureAsync(string instance, string id, int port, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(id);
        var directory = Path.Combine(instance, "sshd");
        if (Running(directory) is not null)
        {
            return;
        }

        var sshd = Find()
            ?? throw new CloudException(
                CloudErrorKind.InvalidConfig,
                "there is no sshd on this machine any more; install openssh-server, or set provider_config.access to process");
        var config = ConfigOf(directory);
        await File.WriteAllTextAsync(
            config, Configuration(directory, Path.Combine(instance, "home"), AddressOf(id), port), cancellationToken).ConfigureAwait(false);
        if (Environment.IsPrivilegedProcess)
        {
            // Where sshd's unprivileged part lives; the package makes it only when its service starts.
            Directory.CreateDirectory("/run/sshd");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        try
        {
            // It goes into the background by itself once it listens.
            using var process = Process.Start(
                new ProcessStartInfo(sshd, ["-f", config]) { RedirectStandardError = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            var said = await process.StandardError.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
            {
                throw new CloudException(CloudErrorKind.Transient, $"{sshd} does not start on {AddressOf(id)}:{port}: {said.Trim()}");
            }
        }
        catch (Exception e) when (e is Win32Exception || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CloudException(
                CloudErrorKind.Transient, $"{sshd} does not start on {AddressOf(id)}:{port}: {e.Message}", innerException: e);
        }
    }

    /// <summary>Ends the sshd of an instance and its sessions.</summary>
    internal static void Stop(string instance)
    {
        if (Running(Path.Combine(instance, "sshd")) is not { } listener)
        {
            return;
        }

        // No new session comes while the old ones end.
        foreach (var pid in new[] { listener }.Concat(ChildrenOf(listener)))
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has ended by itself.
            }
        }
    }

    /// <summary>The pid of a directory's sshd; null where none runs. A pid alone proves nothing, so its command line must name the
    /// directory.</summary>
    private static int? Running(string directory)
    {
        try
        {
            var pid = int.Parse(File.ReadAllText(Path.Combine(directory, "pid")), CultureInfo.InvariantCulture);
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(ConfigOf(directory), StringComparison.Ordinal) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static int[] ChildrenOf(int pid)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string ConfigOf(string directory) => Path.Combine(directory, "sshd_config");

    private static string Configuration(string directory, string home, IPAddress address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        ListenAddress {address}:{port}
        HostKey {Quoted(directory, "host_key")}
        PidFile {Quoted(directory, "pid")}
        AuthorizedKeysFile {Quoted(directory, "authorized_keys")}
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        AllowTcpForwarding remote
        GatewayPorts clientspecified
        UseDNS no
        SetEnv HOME="{home}"
        LogLevel ERROR

        """);

    private static string Quoted(string directory, string file) => $"\"{Path.Combine(directory, file)}\"";
}
