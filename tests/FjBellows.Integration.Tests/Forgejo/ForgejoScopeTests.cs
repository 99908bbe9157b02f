using FjBellows.Forgejo;

namespace FjBellows.Integration.Tests.Forgejo;

public sealed class ForgejoScopeTests
{
    [Theory]
    [InlineData("admin", "read:admin", "write:admin")]
    [InlineData("user", "read:user", "write:user")]
    [InlineData("orgs/acme", "read:organization", "write:organization")]
    [InlineData("repos/acme/shop", "read:repository", "write:repository")]
    public void A_scope_reads_and_writes_the_same_and_knows_its_permissions(string text, string read, string write)
    {
        var scope = ForgejoScope.Parse(text);

        scope.ToString().ShouldBe(text);
        scope.ShouldBe(ForgejoScope.Parse("/" + text + "/"));
        scope.ReadPermission.ShouldBe(read);
        scope.WritePermission.ShouldBe(write);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("org/acme", "did you mean 'orgs/acme'")]
    [InlineData("repo/acme/shop", "did you mean 'repos/acme/shop'")]
    [InlineData("acme/shop", "did you mean 'repos/acme/shop'")]
    [InlineData("repos/acme", "names no repository")]
    [InlineData("user/me", "takes no name")]
    [InlineData("admin/all", "takes nothing after it")]
    [InlineData("orgs/", "unknown")]
    [InlineData("orgs/../admin", "unknown")]
    [InlineData("orgs/..", "cannot be a name")]
    [InlineData("orgs/a b", "cannot be a name")]
    [InlineData("repos/acme/a?b", "cannot be a name")]
    [InlineData("Admin", "unknown")]
    public void Anything_else_is_refused_with_what_to_write(string text, string words) =>
        Should.Throw<FormatException>(() => ForgejoScope.Parse(text)).Message.ShouldContain(words);
}
