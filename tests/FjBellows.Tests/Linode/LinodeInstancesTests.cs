using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Providers.Linode.Api;

namespace FjBellows.Tests.Linode;

public sealed class LinodeInstancesTests
{
    private static readonly LinodeInstance Linode = new(
        7, "acme-ci-w1", "running", "2026-11-24T10:00:01", "us-ord", "g6-standard-2", ["192.168.130.4", "203.0.113.7"], "2001:db8::7/128",
        null, null);

    [Fact]
    [Trait("Invariant", "B1")]
    public void Creation_is_read_as_utc_which_linode_does_not_say() =>
        Map(Linode).CreatedAt.ShouldBe(new DateTimeOffset(2026, 11, 24, 10, 0, 1, TimeSpan.Zero));

    [Fact]
    [Trait("Invariant", "B1")]
    public void A_time_that_is_none_is_an_error_and_not_the_year_one() =>
        Should.Throw<CloudException>(() => Map(Linode with { Created = "yesterday-ish" })).Kind.ShouldBe(CloudErrorKind.Transient);

    [Fact]
    public void Addresses_are_public_and_dialable()
    {
        Map(Linode).Addresses.ShouldBe(["203.0.113.7", "2001:db8::7"]);
        Map(Linode with { Ipv4 = null, Ipv6 = null }).Addresses.ShouldBeEmpty();
        LinodeInstances.Map(Linode, "10.0.0.4", LinodeAddress.Vpc, (_, _) => null).Addresses.ShouldBe(["10.0.0.4"]);
        LinodeInstances.Map(Linode, null, LinodeAddress.Vpc, (_, _) => null).Addresses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("provisioning", InstanceStatus.Starting)]
    [InlineData("booting", InstanceStatus.Starting)]
    [InlineData("running", InstanceStatus.Running)]
    [InlineData("offline", InstanceStatus.Stopped)]
    [InlineData("billing_suspension", InstanceStatus.Stopped)]
    [InlineData("deleting", InstanceStatus.Deleting)]
    [InlineData("something_new", InstanceStatus.Unknown)]
    public void States_are_put_in_the_pools_words(string status, InstanceStatus expected) =>
        Map(Linode with { Status = status }).Status.ShouldBe(expected);

    private static Instance Map(LinodeInstance linode) => LinodeInstances.Map(linode, null, LinodeAddress.Public, (_, _) => null);
}
