using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Journal;

public sealed class JournalSettingsTests
{
    [Theory]
    [InlineData("postgres://bellows:hunter2@db/bellows")]
    [InlineData("Host=db;Pasword=hunter2")]
    [InlineData("Host=db;Port=hunter2")]
    [Trait("Invariant", "S4")]
    public async Task A_connection_string_that_is_none_is_refused_without_being_shown(string connection)
    {
        var failure = await Should.ThrowAsync<JournalException>(
            () => JournalCheck.PrepareAsync(JournalSettings.PostgreSql(new Secret(connection)), CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Settings);
        failure.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_server_that_is_down_is_reported_as_unreachable()
    {
        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(
            JournalSettings.PostgreSql(new Secret("Host=127.0.0.1;Port=1;Database=bellows;Username=bellows;Password=hunter2")),
            CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Unreachable);
        failure.Message.ShouldContain("'bellows' at 127.0.0.1:1");
        failure.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void Settings_print_no_password() =>
        JournalSettings.PostgreSql(new Secret("Password=hunter2")).ToString().ShouldNotContain("hunter2");
}
