using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

public class ReferenceTests
{
    private static Dictionary<string, string> Env(string name, string value) => new() { [name] = value };

    [Fact]
    public void A_variable_stands_for_its_value_anywhere()
    {
        var config = Read(
            With("  token: t0ken", "  token: ${TOKEN}") + "\nscale:\n  max: ${MAX}\npoll: {interval: '${N}s'}\n",
            new Dictionary<string, string> { ["TOKEN"] = "from-env", ["MAX"] = "7", ["N"] = "42" });

        config.Forgejo.Token.Reveal().ShouldBe("from-env");
        config.Pools[0].Settings.Max.ShouldBe(7);
        config.Pools[0].Settings.Poll.Interval.ShouldBe(TimeSpan.FromSeconds(42));
    }

    [Fact]
    public void A_variable_that_is_not_set_is_an_error_at_its_place()
    {
        var error = Error(With("  token: t0ken", "  token: ${FORGEJO_TOKEN}"));

        error.Place.ShouldBe("config.yaml:3:10");
        error.Message.ShouldBe("forgejo.token: the environment variable FORGEJO_TOKEN is not set");
    }

    [Theory]
    [InlineData("a${b")]
    [InlineData("${}")]
    [InlineData("${1X}")]
    [InlineData("${a-b}")]
    public void A_broken_reference_is_an_error(string text) => Error(With("  token: t0ken", $"  token: '{text}'")).Fix.ShouldContain("$${");

    [Fact]
    public void Two_dollars_write_one()
    {
        Read(With("  token: t0ken", "  token: 'a$${B}$c'")).Forgejo.Token.Reveal().ShouldBe("a${B}$c");
        Read(Minimal + "\nworker:\n  run: ['echo $HOME $${HOME}']\n").Worker.Run.ShouldBe(["echo $HOME ${HOME}"]);
    }

    [Fact]
    public void A_variable_is_not_read_for_references_again() =>
        Read(With("  token: t0ken", "  token: ${A}"), Env("A", "${B} file:/x")).Forgejo.Token.Reveal().ShouldBe("${B} file:/x");

    [Theory]
    [InlineData("file:/run/secrets/token")]
    [InlineData("file:token")]
    [InlineData("file:${CREDENTIALS_DIRECTORY}/token")]
    [InlineData("file:$CREDENTIALS_DIRECTORY/token")]
    public void A_file_stands_for_its_content(string reference)
    {
        var files = new Dictionary<string, string>
        {
            ["/run/secrets/token"] = "secret\n",
            ["/etc/fj-bellows/token"] = "secret\r\n",
            ["/run/credentials/fj/token"] = "secret",
        };

        Read(With("  token: t0ken", $"  token: {reference}"), Env("CREDENTIALS_DIRECTORY", "/run/credentials/fj"), files).Forgejo.Token
            .Reveal().ShouldBe("secret");
    }

    [Theory]
    [InlineData("file:/nowhere", "does not exist")]
    [InlineData("file:/empty", "is empty")]
    [InlineData("file:$CREDENTIALS_DIRECTORY/x", "not started by systemd")]
    [InlineData("'file:'", "not followed by a path")]
    public void A_file_that_cannot_be_used_is_an_error_at_its_place(string reference, string reason)
    {
        var error = Error(With("  token: t0ken", $"  token: {reference}"), files: new Dictionary<string, string> { ["/empty"] = "\n\n" });

        error.Message.ShouldContain(reason);
        error.Mark.Line.ShouldBe(3);
    }

    [Fact]
    public void Somebody_who_runs_it_by_hand_is_told_how_credentials_are_found() =>
        Error(With("  token: t0ken", "  token: file:$CREDENTIALS_DIRECTORY/x")).Fix
            .ShouldContain("by hand, name the directory of the file, as in CREDENTIALS_DIRECTORY=/etc/fj-bellows fj-bellows check");

    [Fact]
    public void Only_secrets_are_read_from_files() => Read(With("  region: nl", "  region: file:/nowhere")).ShouldNotBeNull();
}
