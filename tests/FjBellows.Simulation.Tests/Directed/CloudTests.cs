using FjBellows.Providers;
using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>Clouds that fail uncleanly, lists that are not whole, and clocks that are wrong.</summary>
public sealed class CloudTests
{
    [Fact]
    [Trait("Invariant", "W2")]
    [Trait("Invariant", "O2")]
    public void A_create_that_fails_and_takes_effect_minutes_later() =>
        Holds(History(Job(0, 5), new CreatesSucceedLate(TimeSpan.Zero, Minutes(4), 1) { Lasts = TimeSpan.FromSeconds(20) }));

    [Fact]
    [Trait("Invariant", "W7")]
    public void Deletions_that_are_refused_for_an_hour() =>
        Holds(History(
            Job(0, 5, 2), new CloudRefuses(Minutes(40), "delete", CloudErrorKind.Conflict, 1, null) { Lasts = Minutes(60) },
            Job(70, 5, 2)));

    [Fact]
    [Trait("Invariant", "W7")]
    [Trait("Invariant", "O1")]
    public void Ids_that_are_given_again() =>
        Holds(History(
            new AccountIs(TimeSpan.Zero, null, ReusesIds: true) { Lasts = Minutes(400) }, Job(0, 5, 2), Job(90, 5, 2), Job(200, 5, 2)));

    [Fact]
    [Trait("Invariant", "R2")]
    public void An_account_that_allows_fewer_instances_than_the_maximum() =>
        Holds(History(new AccountIs(TimeSpan.Zero, 1, ReusesIds: false) { Lasts = Minutes(200) }, Job(0, 5, 4)));

    [Fact]
    [Trait("Invariant", "O4")]
    public void Listings_of_registrations_that_miss_rows() =>
        Holds(History(new RunnersListedBadly(TimeSpan.Zero, 0.5) { Lasts = Minutes(200) }, Job(0, 30, 2), Job(40, 5, 4)));

    [Theory]
    [InlineData(8)]
    [InlineData(-8)]
    [Trait("Invariant", "B8")]
    public void A_cloud_whose_clock_is_minutes_off(int minutes) =>
        Holds(History(new CloudClockWrong(TimeSpan.Zero, Minutes(minutes)), Job(0, 5)));

    [Fact]
    [Trait("Invariant", "B7")]
    public void A_host_without_a_clock_that_is_set_two_minutes_after_the_start() =>
        Holds(History(new ClockSet(TimeSpan.Zero, -TimeSpan.FromHours(5)), Job(0, 50), new ClockSet(Minutes(2), TimeSpan.Zero)));

    [Fact]
    [Trait("Invariant", "B7")]
    [Trait("Invariant", "R6")]
    public void A_clock_that_stays_wrong() => Holds(History(Job(0, 5), new ClockSet(Minutes(10), Minutes(40))));

    [Fact]
    [Trait("Invariant", "B7")]
    [Trait("Invariant", "R6")]
    public void A_clock_that_is_set_in_the_same_minute_as_the_daemon_is_killed() => Holds(History(
        new ClockSet(TimeSpan.Zero, -Minutes(30)), Job(0, 5), new DaemonKilled(Minutes(2), TimeSpan.FromSeconds(10), null),
        new ClockSet(Minutes(3), TimeSpan.Zero), Job(40, 5)));

    [Fact]
    [Trait("Invariant", "B7")]
    public void A_host_that_is_suspended_for_two_hours() =>
        Holds(History(Job(0, 5), new HostSuspended(Minutes(3), Minutes(120)), Job(150, 5)));
}
