using FjBellows.Daemon.Hosting;

namespace FjBellows.Tests.Daemon;

/// <summary>Only pages that equal their file's may be given back: everything else would be lost.</summary>
public sealed class StartMemoryTests
{
    private const string Maps = """
        3f000000-3f002000 r--p 00000000 fe:00 1234                       /opt/fj-bellows
        Rss:                   8 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        3f002000-3f003000 r--p 00002000 fe:00 1234                       /opt/fj-bellows
        Rss:                   4 kB
        Anonymous:             4 kB
        3f003000-3f004000 rw-p 00003000 fe:00 1234                       /opt/fj-bellows
        Anonymous:             0 kB
        3f004000-3f005000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        3f005000-3f009000 r--s 00000000 fe:00 1234                       /opt/fj-bellows
        Anonymous:             0 kB
        3f009000-3f00a000 rw-s 00000000 fe:00 1235                       /var/lib/fj-bellows/journal.db-shm
        Anonymous:             0 kB
        3f00a000-3f00b000 r-xp 00000000 fe:00 1236                       /usr/lib/libc.so.6
        Anonymous:             0 kB
        """;

    [Fact]
    public void Only_read_only_file_pages_that_nobody_changed_are_given_back() =>
        StartMemory.Unchanged(Maps.Split('\n')).ShouldBe(
        [
            ((nint)0x3f000000, (nuint)0x2000),
            ((nint)0x3f005000, (nuint)0x4000),
            ((nint)0x3f00a000, (nuint)0x1000),
        ]);
}
