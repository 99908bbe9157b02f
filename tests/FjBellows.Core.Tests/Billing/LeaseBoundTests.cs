using CsCheck;
using FjBellows.Billing;

namespace FjBellows.Tests.Billing;

public sealed class LeaseBoundTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Jobs_that_follow_each_other_within_a_step_share_its_lease() =>
        LeaseBound.Leases([Span(0, 20), Span(20, 59), Span(59, 60)], TimeSpan.FromMinutes(60)).ShouldBe([Start]);

    [Fact]
    public void A_job_that_outlives_a_lease_takes_another_at_its_end() =>
        LeaseBound.Leases([Span(10, 131)], TimeSpan.FromMinutes(60))
            .ShouldBe([Start.AddMinutes(10), Start.AddMinutes(70), Start.AddMinutes(130)]);

    [Fact]
    public void Jobs_at_once_take_a_lease_each_and_later_ones_use_what_is_left() =>
        LeaseBound.Leases([Span(0, 4), Span(0, 4), Span(30, 34), Span(58, 62)], TimeSpan.FromMinutes(60)).Count.ShouldBe(3);

    [Fact]
    public void Nothing_needs_nothing()
    {
        LeaseBound.Leases([], TimeSpan.FromHours(1)).ShouldBeEmpty();
        LeaseBound.Leases([Span(5, 5), Span(9, 3)], TimeSpan.FromHours(1)).ShouldBeEmpty();
        Should.Throw<ArgumentOutOfRangeException>(() => LeaseBound.Leases([Span(0, 1)], TimeSpan.Zero));
    }

    [Fact]
    public void Time_by_the_second_is_bounded_by_the_time_that_jobs_run() =>
        LeaseBound.Billed([Span(0, 4), Span(2, 5)], BillingModel.PerSecond).ShouldBe(TimeSpan.FromMinutes(7));

    /// <summary>Every way to buy is tried on small histories: the first instant without a lease must be covered by one that begins at it or
    /// up to a step before it, and each of these is followed to its end.</summary>
    [Fact]
    public void No_way_to_provision_is_cheaper()
    {
        var span = Gen.Select(Gen.Int[0, 14], Gen.Int[0, 7]);
        Gen.Select(span.Array[0, 7], Gen.Int[1, 6]).Sample(
            (jobs, step) =>
            {
                var needed = new int[24];
                foreach (var (from, length) in jobs)
                {
                    for (var t = from; t < from + length; t++)
                    {
                        needed[t]++;
                    }
                }

                var leases = LeaseBound.Leases(jobs.Select(j => Span(j.Item1, j.Item1 + j.Item2)), TimeSpan.FromMinutes(step));
                var covered = Enumerable.Range(0, 24)
                    .All(t => needed[t] <= leases.Count(l => l <= Start.AddMinutes(t) && Start.AddMinutes(t) < l.AddMinutes(step)));
                return covered && leases.Count == Fewest(needed, step, leases.Count);
            },
            iter: 400);
    }

    private static int Fewest(int[] missing, int step, int atMost)
    {
        var first = Array.FindIndex(missing, m => m > 0);
        if (first < 0)
        {
            return 0;
        }

        if (atMost == 0)
        {
            return 1;
        }

        var best = int.MaxValue;
        for (var begin = Math.Max(0, first - step + 1); begin <= first; begin++)
        {
            var left = (int[])missing.Clone();
            for (var t = begin; t < Math.Min(left.Length, begin + step); t++)
            {
                left[t]--;
            }

            best = Math.Min(best, 1 + Fewest(left, step, Math.Min(atMost, best) - 1));
        }

        return best;
    }

    private static BusySpan Span(int from, int until) => new(Start.AddMinutes(from), Start.AddMinutes(until));
}
