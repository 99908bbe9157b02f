using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;
using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>What fails for a whole day costs no more than a few instances.</summary>
public sealed class CostTests
{
    private const string NoBreaker = "provisioning goes on at the pace of its backoff, whatever became of the workers before";

    [Fact]
    [Trait("Invariant", "W18")]
    public void An_image_that_never_boots() =>
        KnownFault("W18", NoBreaker, History(Job(0, 2), new BootsBadly(TimeSpan.Zero, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "W17")]
    [Trait("Invariant", "W18")]
    public void Launches_that_fail_on_every_worker() => KnownFault(
        "W18",
        "each worker is drained after two failures of its own, and the next one is provisioned at once",
        History(Job(0, 2, 4), new LaunchesFail(TimeSpan.Zero, AnswerLost: false, 1) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "W17")]
    [Trait("Invariant", "W18")]
    public void One_job_that_cannot_be_started_anywhere() => KnownFault(
        "W18",
        "each worker is drained after two failures of its own, and the next one is provisioned at once",
        History(Job(0, 2), new JobNeverStarts(TimeSpan.Zero, 0) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "R2")]
    [Trait("Invariant", "W18")]
    public void A_token_that_reads_the_queue_and_may_not_register() => KnownFault(
        "W18",
        "a refused registration counts as a failure of the worker",
        History(Job(0, 2, 2), new ForgejoRefuses(TimeSpan.Zero, "register", ForgejoErrorKind.Unauthorized, 1, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "J14")]
    [Trait("Invariant", "W18")]
    public void Jobs_that_are_listed_and_never_handed_out() => KnownFault(
        "W18",
        "a job for which there was no task is demand again after its backoff",
        History(new JobsNotHandedOut(TimeSpan.Zero, 4) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "J14")]
    [Trait("Invariant", "W18")]
    public void Jobs_held_by_their_concurrency_group() => KnownFault(
        "W18",
        "a job for which there was no task is demand again after its backoff",
        History(new GroupArrives(TimeSpan.Zero, 8, Minutes(40))) with { Max = 4 });

    [Fact]
    [Trait("Invariant", "W5")]
    [Trait("Invariant", "W18")]
    public void Instances_that_the_cloud_cannot_build() => KnownFault(
        "W18", NoBreaker, History(Job(0, 2), new MachinesBroken(TimeSpan.Zero, 1) { Lasts = TimeSpan.FromHours(20) }));

    [Theory]
    [InlineData(CloudErrorKind.Auth)]
    [InlineData(CloudErrorKind.InvalidConfig)]
    [InlineData(CloudErrorKind.QuotaExceeded)]
    [Trait("Invariant", "R2")]
    public void A_cloud_that_refuses_for_a_day(CloudErrorKind kind) =>
        Holds(History(Job(0, 2), new CloudRefuses(TimeSpan.Zero, "create", kind, 1, null) { Lasts = TimeSpan.FromHours(20) }));

    [Fact]
    [Trait("Invariant", "R3")]
    public void Held_jobs_do_not_put_off_the_look_at_registrations() => KnownFault(
        "R3",
        "each message that sets the pace of a source starts its wait anew",
        History(new JobsArrive(Minutes(1), 8, Minutes(4.36), "docker", "deploy")) with
        {
            Billing = BillingModel.Hourly.WithHour(Minutes(20)),
            Max = 3,
            Boot = TimeSpan.FromSeconds(23),
            BusyInterval = TimeSpan.FromSeconds(1),
        });
}
