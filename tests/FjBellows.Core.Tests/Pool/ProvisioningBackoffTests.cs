using CsCheck;
using FjBellows.Pool;
using FjBellows.Providers;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Tests.Pool;

public sealed class ProvisioningBackoffTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly BackoffSettings Waits = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData(CloudErrorKind.Auth)]
    [InlineData(CloudErrorKind.InvalidConfig)]
    [Trait("Invariant", "R2")]
    public void What_stays_wrong_until_an_operator_acts_is_not_tried_again(CloudErrorKind kind)
    {
        var suspended = Failed(ProvisioningBackoff.Open, kind, Now);
        var hold = suspended.HoldAt(Now.AddDays(30)).ShouldBeOfType<ProvisioningHold.CreateRefused>();
        hold.ToString().ShouldContain("reconcile");
        hold.IsBreaker.ShouldBeTrue();
        suspended.BecameReady().HoldAt(Now).ShouldBe(hold, "a worker that was created before says nothing about the credentials");
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void Other_failures_wait_longer_and_longer()
    {
        var gate = ProvisioningBackoff.Open;
        var at = Now;
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            gate = Failed(gate, CloudErrorKind.CapacityOut, at);
            waits.Add(gate.Last!.RetryAt!.Value - at);
            at = gate.Last.RetryAt.Value;
        }

        waits[0].ShouldBe(TimeSpan.FromSeconds(5));
        waits[1].ShouldBe(TimeSpan.FromSeconds(10));
        waits[^1].ShouldBe(TimeSpan.FromMinutes(5));
        gate.HoldAt(at).ShouldBeNull();
        gate.Most(at, 0, 0).ShouldBe(1, "one create probes whether it is over");
        gate.Most(at, 1, 1).ShouldBe(0);
        gate.Created().Most(at, 1, 0).ShouldBe(int.MaxValue);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void Creates_that_fail_together_count_once()
    {
        var once = Failed(ProvisioningBackoff.Open, CloudErrorKind.CapacityOut, Now);
        Failed(Failed(once, CloudErrorKind.CapacityOut, Now), CloudErrorKind.CapacityOut, Now).Failures.ShouldBe(1);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(14, 14)]
    [InlineData(60, 15)]
    [InlineData(4_000_000, 15)]
    [Trait("Invariant", "R2")]
    public void A_retry_after_is_obeyed_up_to_a_quarter_of_an_hour(int asked, int waited) =>
        ProvisioningBackoff.Open.CreateFailed(CloudErrorKind.RateLimited, "slow down", TimeSpan.FromMinutes(asked), Now, Waits, 1)
            .Last!.RetryAt.ShouldBe(Now.AddMinutes(waited));

    [Fact]
    [Trait("Invariant", "W18")]
    public void Three_workers_that_never_became_ready_leave_one_probe_an_hour()
    {
        var (gate, now) = (ProvisioningBackoff.Open, Now);
        for (var i = 1; i <= 3; i++)
        {
            gate.Most(now, 0, 0).ShouldBe(int.MaxValue);
            gate = gate.BecameNeverReady("cloud-init failed", now, Waits);
            gate.HoldAt(now).ShouldBeOfType<ProvisioningHold.NeverReady>().IsBreaker.ShouldBe(i == 3);
            now = gate.Last!.RetryAt!.Value;
        }

        var created = 0;
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            if (gate.Most(now, provisioning: 0, 0) > 0)
            {
                created++;
                gate = gate.Planned(now);
                gate.Most(now, 1, 0).ShouldBe(0);
                gate = gate.BecameNeverReady("cloud-init failed", now.AddMinutes(10), Waits);
            }

            now = now.AddMinutes(1);
        }

        created.ShouldBeInRange(20, 24);
        gate.BecameReady().ShouldBe(ProvisioningBackoff.Open);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_token_that_may_not_register_suspends_until_it_may()
    {
        var gate = ProvisioningBackoff.Open.RegistrationRefused("403: token lacks write:repository");
        gate.HoldAt(Now.AddYears(1)).ShouldBeOfType<ProvisioningHold.RegistrationRefused>().RetryAt.ShouldBeNull();
        gate.BecameReady().HoldAt(Now).ShouldNotBeNull();
        gate.Registered().HoldAt(Now).ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "W18")]
    public void The_bound_on_cost_is_the_formula()
    {
        new CostBound(Now, Created: 3, JobsRun: 0).HoldAt(3, Now).ShouldNotBeNull().Until.ShouldBe(Now.AddHours(1));
        new CostBound(Now, 3, 0).Most(3, Now.AddHours(1)).ShouldBe(1);
        new CostBound(Now, 3, 2).Most(3, Now).ShouldBe(2);
        new CostBound(Now, 3, 0) { Hour = TimeSpan.FromSeconds(10) }.Most(3, Now.AddSeconds(20)).ShouldBe(2);
        Gen.Select(Gen.Int[0, 50], Gen.Int[0, 50], Gen.Int[1, 20], Gen.Int[0, 3000]).Sample((created, ran, max, minutes) =>
        {
            var bound = new CostBound(Now, created, ran);
            var now = Now.AddMinutes(minutes);
            var most = bound.Most(max, now);
            var hold = bound.HoldAt(max, now);
            return (most == 0 || created + most <= ran + max + (minutes / 60.0))
                && (hold is null == most > 0)
                && (hold is null || (bound.Most(max, hold.Until) == 1 && bound.Most(max, hold.Until.AddTicks(-1)) == 0));
        });
    }

    [Fact]
    [Trait("Invariant", "W18")]
    public void A_create_that_was_given_up_counts_for_a_while_and_for_good_once_its_instance_appears()
    {
        var planned = PoolJournalState.Empty.Apply(new WorkerPlanned(Now, "cid-w001", "a job waits"));
        planned.Apply(new WorkerEnded(Now, "cid-w001") { NeverCreated = true }).CreatedBy(Now).ShouldBe(0, "it was refused for certain");

        var givenUp = planned.Apply(new WorkerEnded(Now, "cid-w001") { NeverCreated = true, MayAppear = true });
        givenUp.CreatedBy(Now.AddMinutes(14)).ShouldBe(1);
        givenUp.CreatedBy(Now.AddMinutes(15)).ShouldBe(0);

        var appeared = givenUp.Apply(new WorkerPlanned(Now.AddMinutes(40), "cid-w001", "orphaned") { Uncounted = true });
        appeared.CreatedBy(Now.AddMinutes(41)).ShouldBe(1);
        appeared.Apply(new WorkerEnded(Now.AddMinutes(42), "cid-w001")).CreatedBy(Now.AddDays(1)).ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void Creates_that_were_given_up_are_not_remembered_without_end()
    {
        var state = PoolJournalState.Empty;
        for (var i = 0; i < 3 * PoolJournalState.MostRemembered; i++)
        {
            var at = Now.AddMinutes(i);
            state = state.Apply(new WorkerPlanned(at, $"w{i}", ""))
                .Apply(new WorkerEnded(at, $"w{i}") { NeverCreated = true, MayAppear = true });
            state.CreatedBy(at).ShouldBeInRange(Math.Min(i + 1, 15), 15);
        }

        state.MayAppear!.Count.ShouldBeLessThanOrEqualTo(PoolJournalState.MostRemembered);
    }

    private static ProvisioningBackoff Failed(ProvisioningBackoff gate, CloudErrorKind kind, DateTimeOffset at) =>
        gate.CreateFailed(kind, "no", null, at, Waits, jitter: 1);
}
