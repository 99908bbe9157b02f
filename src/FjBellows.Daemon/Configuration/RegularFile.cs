using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FjBellows.Daemon.Configuration;

/// <summary>Reads small files that somebody named: never a device without an end, and never a pipe that waits for a writer.</summary>
internal static class RegularFile
{
    // open(2) on Linux.
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes.</param>
    /// <exception cref="IOException">It is not there, is not a regular file, has more bytes, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static byte[] Read(string path, int limit)
    {
        using var stream = Open(path);
        if (!stream.CanSeek)
        {
            throw new IOException("it is not a regular file");
        }

        var content = new byte[limit + 1];
        var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return length <= limit ? content[..length] : throw new IOException($"it has more than {limit:N0} bytes");
    }

    private static FileStream Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }

        var handle = OpenFile(path, ReadOnly | NonBlocking | CloseOnExec);
        if (!handle.IsInvalid)
        {
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }

        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw error switch
        {
            NoSuchFile => new FileNotFoundException("it does not exist", path),
            AccessDenied => new UnauthorizedAccessException("this user may not read it"),
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    [DllImport(
        "libc", EntryPoint = "open", CharSet = CharSet.Ansi, SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
