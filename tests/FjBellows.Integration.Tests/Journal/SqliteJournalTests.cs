using System.Runtime.Versioning;
using FjBellows.Journal;
using Microsoft.Data.Sqlite;

namespace FjBellows.Integration.Tests.Journal;

[SupportedOSPlatform("linux")]
public sealed class SqliteJournalTests : JournalContract, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-journal-").FullName;

    private string State => Path.Combine(_directory, "state");

    private string JournalFile => Path.Combine(State, JournalSettings.FileName);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task Directory_and_files_are_for_this_user_only()
    {
        await using var host = await JournalHost.StartAsync(await PlaceAsync());
        var scribe = await host.ScribeAsync("worker-a");
        await Akka.Actor.Futures.Ask<object>(scribe, JournalSamples.All["w.job-started.1"], JournalHost.Timeouts);

        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.GetUnixFileMode(State).ShouldBe(owner | UnixFileMode.UserExecute);
        var files = Directory.GetFiles(State);
        files.Length.ShouldBe(3, "the database, its write-ahead log and its index");
        files.ShouldAllBe(f => File.GetUnixFileMode(f) == owner);
    }

    [Fact]
    public async Task A_file_that_others_could_read_is_closed_to_them()
    {
        Directory.CreateDirectory(State);
        await File.WriteAllBytesAsync(JournalFile, []);
        File.SetUnixFileMode(JournalFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await JournalCheck.PrepareAsync(await PlaceAsync(), CancellationToken.None);

        File.GetUnixFileMode(JournalFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Writes_are_logged_ahead_and_synced()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);

        (await TextsAsync(settings, "PRAGMA journal_mode")).ShouldBe(["wal"]);
        (await TextsAsync(settings, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous")).ShouldBe(["2"], "FULL");
    }

    [Fact]
    public async Task Recovery_does_not_wait_for_a_writer()
    {
        var settings = await PlaceAsync();
        await using var host = await JournalHost.StartAsync(settings);
        await using var writer = await JournalStore.Of(settings).OpenAsync(CancellationToken.None);
        await writer.ExecuteAsync("BEGIN IMMEDIATE", CancellationToken.None);

        await host.ScribeAsync("worker-a");

        await writer.ExecuteAsync("ROLLBACK", CancellationToken.None);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task A_damaged_file_is_refused_with_what_to_do(int offset)
    {
        var settings = await PlaceAsync();
        await using (var host = await JournalHost.StartAsync(settings))
        {
            var scribe = await host.ScribeAsync("worker-a");
            for (var i = 0; i < 50; i++)
            {
                await Akka.Actor.Futures.Ask<object>(scribe, JournalSamples.All["w.job-assigned.1"], JournalHost.Timeouts);
            }
        }

        SqliteConnection.ClearAllPools();
        var bytes = await File.ReadAllBytesAsync(JournalFile);
        new Random(7).NextBytes(bytes.AsSpan(offset, 6000));
        await File.WriteAllBytesAsync(JournalFile, bytes);

        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(settings, CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Corrupt);
        failure.Message.ShouldContain(JournalFile);
        failure.Message.ShouldContain("restore the journal from a backup");
        failure.Message.ShouldContain("move it away");
        (await File.ReadAllBytesAsync(JournalFile)).ShouldBe(bytes, "nothing is mended silently");
    }

    [Fact]
    public async Task A_place_that_takes_no_directory_is_refused_with_what_to_do()
    {
        await File.WriteAllTextAsync(State, "a file where the directory should be");

        var failure =
            await Should
                .ThrowAsync<JournalException>(async () => await JournalCheck.PrepareAsync(await PlaceAsync(), CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Unwritable);
        failure.Message.ShouldContain("state.directory");
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public async Task A_full_disk_is_reported_as_such()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        await using var connection = await JournalStore.Of(settings).OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("PRAGMA max_page_count = 1", CancellationToken.None);

        var full =
            await Should
                .ThrowAsync<SqliteException>(
                    () => connection.ExecuteAsync("CREATE TABLE big AS SELECT zeroblob(1000000) AS b", CancellationToken.None));

        var failure = JournalStore.Of(settings).Explain(full).ShouldNotBeNull();
        failure.Kind.ShouldBe(JournalErrorKind.Unwritable);
        failure.Message.ShouldContain("the disk is full");
    }

    internal override Task<JournalSettings> PlaceAsync() => Task.FromResult(JournalSettings.Sqlite(State));
}
