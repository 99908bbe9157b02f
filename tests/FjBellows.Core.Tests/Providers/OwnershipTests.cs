using FjBellows.Providers;

namespace FjBellows.Tests.Providers;

public sealed class OwnershipTests
{
    private static readonly Uri Forgejo = new("https://git.example/forgejo/");

    [Fact]
    [Trait("Invariant", "O1")]
    public void The_owner_identity_tells_url_scope_tag_and_pool_apart()
    {
        string[] owners =
        [
            Of(Forgejo, "admin", "cid", "default"),
            Of(new Uri("https://git.example/other"), "admin", "cid", "default"),
            Of(Forgejo, "orgs/a", "cid", "default"),
            Of(Forgejo, "admin", "cid2", "default"),
            Of(Forgejo, "admin", "cid", "arm"),
        ];
        owners.Distinct().Count().ShouldBe(owners.Length);
        owners.ShouldAllBe(o => Ownership.IsPortableTag(o));
        Of(new Uri("https://GIT.example/forgejo"), "admin", "cid", "default").ShouldBe(owners[0]);

        static string Of(Uri url, string scope, string tag, string pool) => Ownership.Of(url, scope, tag, pool).Owner;
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public void Only_an_instance_with_both_marks_is_ours()
    {
        var ours = Ownership.Of(Forgejo, "admin", "cid", "default");
        ours.Owns(Instance("cid", ours.Owner)).ShouldBeTrue();
        ours.Owns(Instance("cid")).ShouldBeFalse();
        ours.Owns(Instance(ours.Owner)).ShouldBeFalse();
        ours.IsForeign(Instance("cid")).ShouldBeTrue();
        ours.IsForeign(Instance("cid", "fjb-0000000000000000")).ShouldBeTrue();
        ours.IsForeign(Instance("cid-arm", ours.Owner)).ShouldBeFalse();

        static Instance Instance(params string[] tags) =>
            new(new InstanceId("1"), "n", InstanceStatus.Running, DateTimeOffset.UnixEpoch, [], tags);
    }

    [Theory]
    [InlineData("ci", false)]
    [InlineData("fj-bellows", true)]
    [InlineData("a23", true)]
    [InlineData("1ab", false)]
    [InlineData("Abc", false)]
    [InlineData("a--b", false)]
    [InlineData("ab-", false)]
    [InlineData("a_b", false)]
    public void A_tag_must_work_on_every_cloud(string tag, bool portable) => Ownership.IsPortableTag(tag).ShouldBe(portable);
}
