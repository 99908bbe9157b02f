using FjBellows.Pool;
using FjBellows.Providers;

namespace FjBellows.Tests.Pool;

public sealed class OrphansTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly Ownership Ours = new("cid", "fjb-0000000000000001");
    private const string Sibling = "fjb-0000000000000002";

    [Fact]
    [Trait("Invariant", "O2")]
    public void An_orphan_is_due_after_two_listings_and_the_grace()
    {
        var orphan = Instance("cid-x", Start.AddHours(-1));
        var (first, reported) = Observe(Orphans.None, 1, orphan);
        reported.FirstSeen.Single().ShouldBe(orphan);
        reported.Due.ShouldBeEmpty();
        var (second, early) = Observe(first, 2, orphan);
        early.Due.ShouldBeEmpty();
        early.FirstSeen.ShouldBeEmpty();
        Observe(second, 3, orphan).Actions.Due.ShouldHaveSingleItem().Sighting.Listings.ShouldBe(3);
        Observe(Observe(second, 3).Next, 4, orphan).Actions.Due.ShouldBeEmpty("it was missing in between");
    }

    [Fact]
    [Trait("Invariant", "O5")]
    public void An_instance_younger_than_this_daemon_proves_another_and_nothing_unknown_is_touched()
    {
        var (old, young) = (Instance("cid-old", Start.AddHours(-1)), Instance("cid-young", Start.AddMinutes(9)));
        var (orphans, _) = Observe(Orphans.None, 1, old);
        (orphans, var actions) = Observe(orphans, 10, old, young);
        actions.OfOtherDaemon.Single().ShouldBe(young);
        actions.Due.ShouldBeEmpty();
        (orphans, actions) = Observe(orphans, 30, old);
        actions.Due.ShouldBeEmpty("the other daemon acted a while ago");
        Observe(orphans, 90, old).Actions.Due.Select(d => d.Instance).ShouldBe([old]);
    }

    [Fact]
    [Trait("Invariant", "O5")]
    public void A_create_call_of_the_predecessor_may_take_effect_after_the_start() =>
        Observe(Orphans.None, 3, Instance("cid-late", Start.AddMinutes(1))).Actions.OfOtherDaemon.ShouldBeEmpty();

    [Fact]
    [Trait("Invariant", "O7")]
    public void A_sibling_pool_s_instances_are_not_foreign()
    {
        var sibling = Instance("cid-s", Start) with { Tags = ["cid", Sibling] };
        var foreign = Instance("cid-f", Start) with { Tags = ["cid", "fjb-00000000000000ff"] };
        var (orphans, actions) = Observe(Orphans.None, 1, sibling, foreign);
        actions.Foreign.Single().ShouldBe(foreign);
        actions.Due.ShouldBeEmpty();
        orphans.Foreign.Count.ShouldBe(1);
        Observe(orphans, 9, sibling, foreign).Actions.Foreign.ShouldBeEmpty("it was reported");
    }

    [Fact]
    [Trait("Invariant", "O5")]
    public void An_instance_of_a_name_that_this_pool_gave_proves_no_other_daemon()
    {
        var late = Instance("cid-late", Start.AddMinutes(10));
        var (orphans, _) = Observe(Orphans.None, 11, late);
        orphans.OfOtherDaemon.ShouldBeEmpty();
        Observe(orphans, 14, late).Actions.Due.Length.ShouldBe(1);
    }

    private static (Orphans Next, OrphanActions Actions) Observe(Orphans orphans, int minute, params Instance[] instances) =>
        orphans.Observe(new OrphanListing
        {
            Instances = instances,
            RequestedAt = Start.AddMinutes(minute),
            Ownership = Ours,
            Siblings = new HashSet<string> { Sibling },
            IsUnknown = _ => true,
            IsOwnName = name => name == "cid-late",
            StartedAt = Start,
            Predecessor = TimeSpan.FromMinutes(2),
            Grace = TimeSpan.FromMinutes(2),
        });

    private static Instance Instance(string name, DateTimeOffset createdAt) =>
        new(new InstanceId(name), name, InstanceStatus.Running, createdAt, [], [Ours.Tag, Ours.Owner]);
}
