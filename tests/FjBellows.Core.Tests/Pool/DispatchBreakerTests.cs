using CsCheck;
using FjBellows.Pool;

namespace FjBellows.Tests.Pool;

public sealed class DispatchBreakerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Invariant", "W17")]
    public void Failures_on_two_workers_without_a_success_are_the_pool_s()
    {
        var one = DispatchBreaker.Closed.Failed("a", "x509: unknown authority", Now);
        one.Hold.ShouldBeNull();
        one.MostDispatches(Now, 5).ShouldBe(int.MaxValue);
        var two = one.Failed("b", "x509: unknown authority", Now);
        two.Hold.ShouldNotBeNull().ToString().ShouldContain("2 consecutive failed dispatches on 2 workers without a success");
        two.MostDispatches(Now, 0).ShouldBe(0);
        var probe = two.Hold!.Until;
        two.MostDispatches(probe, 0).ShouldBe(1);
        two.MostDispatches(probe, 1).ShouldBe(0);
        two.AreOwn("a", 5, Now).ShouldBeFalse();
        two.Succeeded("b", probe).Hold.ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "W17")]
    public void A_success_in_between_leaves_dispatch_alone()
    {
        var breaker = DispatchBreaker.Closed.Failed("a", "no", Now).Succeeded("b", Now.AddSeconds(1)).Failed("c", "no", Now.AddSeconds(2));
        breaker.Hold.ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void Failures_are_a_worker_s_own_only_if_another_succeeded_after_the_first()
    {
        var breaker = DispatchBreaker.Closed.Failed("a", "no", Now).Succeeded("b", Now.AddSeconds(1)).Failed("a", "no", Now.AddSeconds(2));
        breaker.AreOwn("a", 2, Now).ShouldBeTrue();
        breaker.AreOwn("a", 1, Now).ShouldBeFalse();
        breaker.AreOwn("a", 2, Now.AddSeconds(2)).ShouldBeFalse("the success came before its first failure");
        DispatchBreaker.Closed.Succeeded("a", Now.AddSeconds(1)).AreOwn("a", 2, Now)
            .ShouldBeFalse("its own success says nothing about others");
    }

    [Fact]
    [Trait("Invariant", "W17")]
    public void Without_a_worker_to_probe_with_one_is_provisioned_an_hour()
    {
        var breaker = DispatchBreaker.Closed.Failed("a", "no", Now).Failed("b", "no", Now);
        breaker.HoldAt(Now, workers: 0).ShouldNotBeNull();
        var now = breaker.Hold!.Until;
        breaker.HoldAt(now, workers: 1).ShouldNotBeNull("a worker that exists is the probe");
        var provisioned = 0;
        for (var minute = 0; minute < 24 * 60; minute++, now = now.AddMinutes(1))
        {
            if (breaker.HoldAt(now, workers: 0) is null)
            {
                provisioned++;
                breaker = breaker.Planned(now).Failed($"w{minute}", "no", now.AddMinutes(1));
            }
        }

        provisioned.ShouldBeInRange(20, 25);
    }

    [Fact]
    [Trait("Invariant", "W17")]
    public void Probes_come_later_and_later_and_no_rarer_than_the_longest_step() =>
        Gen.Int[0, 4].Array[1, 60].Sample(workers =>
        {
            var (breaker, now, last) = (DispatchBreaker.Closed, Now, TimeSpan.Zero);
            foreach (var worker in workers)
            {
                breaker = breaker.Failed($"w{worker}", "no", now);
                if (breaker.Hold is { } hold)
                {
                    var step = hold.Until - now;
                    if (step < last || step > DispatchBreaker.Steps.Longest)
                    {
                        return false;
                    }

                    (last, now) = (step, hold.Until);
                }
            }

            return true;
        });
}
