using FjBellows.Daemon.Hosting;

namespace FjBellows.Tests.Daemon;

/// <summary>Only pages that equal their file's may be given back: everything else would be lost.</summary>
public sealed class StartMemoryTests
{
    private const string Maps = """
        7f0000000000-7f0000002000 r--p 00000000 fe:00 1234                       /opt/fj-bellows
        Rss:                   8 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        7f0000002000-7f0000003000 r--p 00002000 fe:00 1234                       /opt/fj-bellows
        Rss:                   4 kB
        Anonymous:             4 kB
        7f0000003000-7f0000004000 rw-p 00003000 fe:00 1234                       /opt/fj-bellows
        Anonymous:             0 kB
        7f0000004000-7f0000005000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        7f0000005000-7f0000009000 r--s 00000000 fe:00 1234                       /opt/fj-bellows
        Anonymous:             0 kB
        7f0000009000-7f000000a000 rw-s 00000000 fe:00 1235                       /var/lib/fj-bellows/journal.db-shm
        Anonymous:             0 kB
        7f000000a000-7f000000b000 r-xp 00000000 fe:00 1236                       /usr/lib/libc.so.6
        Anonymous:             0 kB
        """;

    [Fact]
    public void Only_read_only_file_pages_that_nobody_changed_are_given_back() =>
        StartMemory.Unchanged(Maps.Split('\n')).ShouldBe(
        [
            ((nint)0x7f0000000000, (nuint)0x2000),
            ((nint)0x7f0000005000, (nuint)0x4000),
            ((nint)0x7f000000a000, (nuint)0x1000),
        ]);
}
