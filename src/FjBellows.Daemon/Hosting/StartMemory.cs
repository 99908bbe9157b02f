using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace FjBellows.Daemon.Hosting;

/// <summary>Gives back what only the start needed. A daemon starts once and idles for months, but the kernel maps the program in runs of 16
/// pages around each one touched and keeps them mapped, and the heap keeps the room of its first seconds.</summary>
internal sealed partial class StartMemory(TimeProvider time) : BackgroundService
{
    private const int DontNeed = 4;

    /// <summary>By then every source was asked and the journal read.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Settled, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            ReleaseFilePages();
        }
    }

    /// <summary>Unmaps the pages of mapped files that no one can have changed: read-only mappings without a page of their own, private or
    /// shared. They stay in the page cache, and the few that are needed come back with a minor fault each.</summary>
    private static void ReleaseFilePages()
    {
        try
        {
            foreach (var (start, length) in Unchanged(File.ReadLines("/proc/self/smaps")))
            {
                // An advice: where it is refused, nothing changes.
                _ = Advise(start, length, DontNeed);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            // Without /proc there is nothing to give back.
        }
    }

    /// <summary>The mappings of <c>/proc/PID/smaps</c> (proc(5)) whose pages all equal their file's.</summary>
    internal static IEnumerable<(nint Start, nuint Length)> Unchanged(IEnumerable<string> lines)
    {
        (nint Start, nuint Length)? candidate = null;
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [var range, ['r', '-', _, 'p' or 's'], _, _, not "0", ..] && range.Split('-') is [var from, var to])
            {
                var start = ulong.Parse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                var end = ulong.Parse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                candidate = ((nint)start, (nuint)(end - start));
            }
            else if (words is [var other, { Length: 4 }, ..] && other.Contains('-', StringComparison.Ordinal))
            {
                candidate = null;
            }
            else if (candidate is { } mapping && words is ["Anonymous:", var kilobytes, "kB"])
            {
                candidate = null;
                if (kilobytes == "0")
                {
                    yield return mapping;
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
