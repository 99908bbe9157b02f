using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Journal;

public sealed class PostgresJournalTests(PostgresServer server) : JournalContract, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task A_database_that_is_not_there_is_named_without_the_password()
    {
        await PlaceAsync();

        var failure = await Should.ThrowAsync<JournalException>(
            () => JournalCheck.PrepareAsync(JournalSettings.PostgreSql(new Secret(server.Connection("nowhere"))), CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Unreachable);
        failure.Message.ShouldContain("'nowhere' at 127.0.0.1");
        failure.ToString().ShouldNotContain("not-for-logs");
    }

    [Fact]
    public async Task A_user_who_may_make_no_tables_is_told_what_to_grant()
    {
        var settings = await PlaceAsync();
        await ExecuteAsync(settings, "DROP ROLE IF EXISTS reader");
        await ExecuteAsync(settings, "CREATE ROLE reader LOGIN");
        var reader = JournalSettings.PostgreSql(
            new Secret(settings.Connection!.Reveal().Replace("Username=bellows", "Username=reader", StringComparison.Ordinal)));

        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(reader, CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Unwritable);
        failure.Message.ShouldContain("Grant CREATE");
    }

    [Fact]
    [Trait("Invariant", "R9")]
    public async Task A_record_beyond_the_servers_limits_is_refused_for_its_content_and_the_next_one_is_taken()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var history = new SqlHistory(settings);
        var random = new Random(7);
        var key = string.Concat(Enumerable.Range(0, 100_000).Select(_ => (char)('a' + random.Next(26))));

        var failure = await Should.ThrowAsync<HistoryRefusedException>(
            () => history.AppendAsync(JournalSamples.Outcome("default", key, JournalSamples.At), CancellationToken.None));

        failure.Refusal.ShouldBe(HistoryRefusal.Content);
        failure.Message.ShouldContain("does not take this record");
        await history.AppendAsync(JournalSamples.Outcome("default", "ci-a-1", JournalSamples.At), CancellationToken.None);
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public async Task A_server_that_takes_no_writes_is_a_matter_of_the_connection()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var readOnly = JournalSettings.PostgreSql(
            new Secret(settings.Connection!.Reveal() + ";Options=-c default_transaction_read_only=on"));

        var failure = await Should.ThrowAsync<HistoryRefusedException>(
            () => new SqlHistory(readOnly).AppendAsync(
                JournalSamples.Outcome("default", "ci-a-1", JournalSamples.At), CancellationToken.None));

        failure.Refusal.ShouldBe(HistoryRefusal.Connection);
    }

    internal override async Task<JournalSettings> PlaceAsync() => JournalSettings.PostgreSql(new Secret(await server.DatabaseAsync()));
}
