using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FjBellows.Daemon.Commands;
using Microsoft.Win32.SafeHandles;

namespace FjBellows.Daemon.Hosting;

/// <summary>Makes sure that only one daemon decides on this host (invariant O5): an advisory lock (<c>flock(2)</c>, as the Go original
/// takes it) that the kernel releases when its process ends, however it ends. The file itself stays.</summary>
internal sealed class DaemonLock : IDisposable
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int Interrupted = 4;
    private const int ReadOnly = 0;

    // open(2) on Linux; the number of O_NOFOLLOW depends on the processor.
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int OpenNonBlocking = 0x800;
    private const int NoFollow = 0x20000;
    private const int NoFollowArm = 0x8000;
    private const int CloseOnExec = 0x80000;
    private const int OwnerReadsAndWrites = 0x180;
    private const int TooManyLinks = 40;
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, without waiting for it.</summary>
    /// <param name="path">The lock file. It may exist already; its directory need not be writable then.</param>
    /// <exception cref="CommandException">Another daemon holds it, or the file cannot be opened.</exception>
    public static DaemonLock Take(string path)
    {
        var file = Open(path);
        if (!TryLock(file.SafeFileHandle, out var error))
        {
            file.Dispose();
            throw IsHeld(error)
                ? Locked(path)
                : new CommandException(
                    ExitCode.Usage,
                    $"the lock {path} cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}. Name a file on a local file system " +
                    $"with -lock");
        }

        try
        {
            file.SetLength(0);
            file.Write(
                Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {Environment.MachineName}\n")));
            file.Flush();
        }
        catch (IOException)
        {
            // A full disk keeps the name of the holder out of the file, and the lock is held all the same.
        }

        return new DaemonLock(file);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <summary>Opens the file itself: a link in its place, put there by whoever may write its directory, would have another file
    /// overwritten.</summary>
    private static FileStream Open(string path)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return File.ResolveLinkTarget(path, returnFinalTarget: false) is null
                    ? new FileStream(
                        path, new FileStreamOptions
                        {
                            Mode = FileMode.OpenOrCreate,
                            Access = FileAccess.ReadWrite,
                            Share = FileShare.None,
                            BufferSize = 0,
                        })
                    : throw new IOException("it is a symbolic link");
            }

            var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? NoFollowArm : NoFollow;
            var handle = OpenFile(path, ReadWrite | Create | noFollow | OpenNonBlocking | CloseOnExec, OwnerReadsAndWrites);
            var error = Marshal.GetLastPInvokeError();
            if (handle.IsInvalid)
            {
                handle.Dispose();
                throw new IOException(
                    error == TooManyLinks
                        ? "it is a symbolic link, and the lock is taken on a file only."
                        : $"{Marshal.GetPInvokeErrorMessage(error)}.");
            }

            var file = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
            if (file.CanSeek)
            {
                return file;
            }

            file.Dispose();
            throw new IOException("it is not a regular file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"cannot open the lock file {path}: {e.Message} Create the file beforehand, owned by the daemon's user, or name another " +
                $"with -lock");
        }
    }

    private static CommandException Locked(string path) => new(
        ExitCode.Locked,
        $"another fj-bellows{ReadHolder(path)} holds the lock {path}. Two daemons would delete each other's workers: stop the other one " +
        $"first, or use another -lock if this one serves another deployment");

    // EWOULDBLOCK on Linux and on the BSDs.
    private static bool IsHeld(int error) => error is 11 or 35;

    private static bool TryLock(SafeFileHandle file, out int error)
    {
        do
        {
            if (Flock(file, Exclusive | NonBlocking) == 0)
            {
                error = 0;
                return true;
            }

            error = Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);
        return false;
    }

    private static string ReadHolder(string path)
    {
        // Not by File.Open: it takes a lock of its own and would be refused.
        using var handle = OpenToRead(path, ReadOnly);
        if (handle.IsInvalid)
        {
            return "";
        }

        var buffer = new byte[256];
        var text = Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(handle, buffer, 0));
        return text.Trim().Split(' ') is [var pid, var host] && int.TryParse(pid, out _) ? $" (process {pid} on {host})" : "";
    }

    [DllImport(
        "libc", EntryPoint = "open", CharSet = CharSet.Ansi, SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenToRead([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport(
        "libc", EntryPoint = "open", CharSet = CharSet.Ansi, SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flock(SafeFileHandle file, int operation);
}
