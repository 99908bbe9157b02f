using System.Globalization;
using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;
using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>What fails for a whole day costs no more than a few instances.</summary>
public sealed class CostTests
{
    [Fact]
    [Trait("Invariant", "W18")]
    public void An_image_that_never_boots() =>
        Holds(History(Job(0, 2), new BootsBadly(TimeSpan.Zero, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "W17")]
    [Trait("Invariant", "W18")]
    public void Launches_that_fail_on_every_worker() => Holds(
        History(Job(0, 2, 4), new LaunchesFail(TimeSpan.Zero, AnswerLost: false, 1) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "W17")]
    [Trait("Invariant", "W18")]
    public void One_job_that_cannot_be_started_anywhere() =>
        Holds(History(Job(0, 2), new JobNeverStarts(TimeSpan.Zero, 0) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "R2")]
    [Trait("Invariant", "W18")]
    public void A_token_that_reads_the_queue_and_may_not_register() =>
        Holds(History(
            Job(0, 2, 2),
            new ForgejoRefuses(TimeSpan.Zero, "register", ForgejoErrorKind.Unauthorized, 1, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "J14")]
    [Trait("Invariant", "W18")]
    public void Jobs_that_are_listed_and_never_handed_out() =>
        Holds(History(new JobsNotHandedOut(TimeSpan.Zero, 4) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "J14")]
    [Trait("Invariant", "W18")]
    public void Jobs_held_by_their_concurrency_group() => Holds(History(new GroupArrives(TimeSpan.Zero, 8, Minutes(40))) with { Max = 4 });

    [Fact]
    [Trait("Invariant", "W5")]
    [Trait("Invariant", "W18")]
    public void Instances_that_the_cloud_cannot_build() =>
        Holds(History(Job(0, 2), new MachinesBroken(TimeSpan.Zero, 1) { Lasts = TimeSpan.FromHours(20) }));

    [Theory]
    [InlineData(CloudErrorKind.Auth)]
    [InlineData(CloudErrorKind.InvalidConfig)]
    [InlineData(CloudErrorKind.QuotaExceeded)]
    [Trait("Invariant", "R2")]
    public void A_cloud_that_refuses_for_a_day(CloudErrorKind kind) =>
        Holds(History(Job(0, 2), new CloudRefuses(TimeSpan.Zero, "create", kind, 1, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "R3")]
    public void Held_jobs_do_not_put_off_the_look_at_registrations() => Holds(History(
            new JobsArrive(
                TimeSpan.Parse("01:24:36.432", CultureInfo.InvariantCulture), 8,
                TimeSpan.Parse("00:04:21.852", CultureInfo.InvariantCulture), "docker", "deploy"),
            new ProcessDies(TimeSpan.Parse("01:44:43.145", CultureInfo.InvariantCulture), 67, 6)) with
    {
        Seed = 1_000_081,
        Billing = BillingModel.Hourly.WithHour(Minutes(20)),
        Max = 3,
        Boot = TimeSpan.FromMilliseconds(22_908),
        BusyInterval = TimeSpan.FromSeconds(1),
        AtLeast = Minutes(280),
    });
}
