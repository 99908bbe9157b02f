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
        var reader = JournalSettings.PostgreSql(new Secret(settings.Connection!.Reveal().Replace("Username=bellows", "Username=reader", StringComparison.Ordinal)));

        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(reader, CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Unwritable);
        failure.Message.ShouldContain("Grant CREATE");
    }

    internal override async Task<JournalSettings> PlaceAsync() => JournalSettings.PostgreSql(new Secret(await server.DatabaseAsync()));
}
