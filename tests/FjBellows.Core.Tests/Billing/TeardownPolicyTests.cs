using CsCheck;
using FjBellows.Billing;

namespace FjBellows.Tests.Billing;

public sealed class TeardownPolicyTests
{
    private static readonly DateTimeOffset Created = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly TeardownSettings FiveMinutes = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    private static readonly Gen<DateTimeOffset> Moments = Gen.Long[0, TimeSpan.FromDays(3).Ticks]
        .Select(t => Created + TimeSpan.FromTicks(t));

    [Theory]
    [InlineData(0, 55)]
    [InlineData(54, 55)]
    [InlineData(55, 55)]
    [InlineData(59, 55)]
    [InlineData(60, 115)]
    [InlineData(61, 115)]
    [Trait("Invariant", "B2")]
    public void An_hourly_worker_is_due_before_the_hour_that_runs_ends(int ageMinutes, int deadlineMinutes) =>
        TeardownPolicy.TeardownDeadline(BillingModel.Hourly, FiveMinutes, Created, Created, Created.AddMinutes(ageMinutes))
            .ShouldBe(Created.AddMinutes(deadlineMinutes));

    [Fact]
    [Trait("Invariant", "B1")]
    public void The_hourly_deadline_follows_from_creation_and_the_present_alone() => Moments.Sample(now =>
        Moments.Array[5].Sample(
            idle => idle.Select(i => TeardownPolicy.TeardownDeadline(BillingModel.Hourly, FiveMinutes, Created, i, now)).Distinct()
                .Count() == 1,
            iter: 3));

    [Fact]
    [Trait("Invariant", "B2")]
    public void The_deadline_leaves_exactly_the_margin_before_a_whole_number_of_steps() =>
        Gen.Select(Moments, Gen.Int[2, 240], Gen.Double[0.01, 0.99]).Sample((now, stepMinutes, share) =>
        {
            var step = TimeSpan.FromMinutes(stepMinutes);
            var settings = FiveMinutes with { HourMargin = step * share };
            var deadline = TeardownPolicy.TeardownDeadline(BillingModel.Hourly with { Granularity = step }, settings, Created, now, now);
            var boundary = deadline + settings.HourMargin;
            return (boundary - Created).Ticks % step.Ticks == 0 && boundary > now && boundary - now <= step;
        });

    [Fact]
    [Trait("Invariant", "B4")]
    public void By_the_second_a_worker_ends_when_idle_long_enough_and_its_minimum_is_used_up()
    {
        var billing = BillingModel.PerSecondAtLeast(TimeSpan.FromMinutes(10));
        TeardownPolicy.TeardownDeadline(billing, FiveMinutes, Created, Created.AddMinutes(1), Created.AddMinutes(2))
            .ShouldBe(Created.AddMinutes(10));
        TeardownPolicy.TeardownDeadline(billing, FiveMinutes, Created, Created.AddMinutes(8), Created.AddMinutes(9))
            .ShouldBe(Created.AddMinutes(13));
    }

    [Fact]
    [Trait("Invariant", "B4")]
    public void A_minimum_charge_is_time_that_its_price_pays_for()
    {
        // One cent at 0.00893 an hour is 67 minutes: deleting after five idle minutes would throw an hour away.
        var billing = BillingModel.PerSecondAtLeast(TimeSpan.FromMinutes(1), 0.01m);
        var deadline = TeardownPolicy.TeardownDeadline(
            billing, FiveMinutes, Created, Created.AddMinutes(2), Created.AddMinutes(2), 0.00893m);
        (deadline - Created).TotalMinutes.ShouldBe(67.2, 0.1);
    }

    [Fact]
    [Trait("Invariant", "B2")]
    public void A_boundary_is_missed_only_when_the_worker_idled_through_its_deadline()
    {
        Missed(idleAt: 10, goneAt: 59).ShouldBe(0);
        Missed(idleAt: 10, goneAt: 60).ShouldBe(0);
        Missed(idleAt: 10, goneAt: 61).ShouldBe(1);
        Missed(idleAt: 10, goneAt: 181).ShouldBe(3);

        // Its job ended inside the margin: whoever deletes at once may still be a moment late.
        Missed(idleAt: 58, goneAt: 61).ShouldBe(0);
        Missed(idleAt: 58, goneAt: 121).ShouldBe(1);
        TeardownPolicy.MissedBoundaries(BillingModel.PerSecond, FiveMinutes, Created, Created, Created.AddDays(1)).ShouldBe(0);

        static int Missed(int idleAt, int goneAt) => TeardownPolicy.MissedBoundaries(
            BillingModel.Hourly, FiveMinutes, Created, Created.AddMinutes(idleAt), Created.AddMinutes(goneAt));
    }

    [Theory]
    [InlineData(5, 5, 60, 0)]
    [InlineData(5, 60, 60, 1)]
    [InlineData(5, 61, 60, 1)]
    [InlineData(0, 5, 60, 1)]
    [InlineData(5, 0, 60, 1)]
    [InlineData(-1, -1, 60, 2)]
    [InlineData(5, 5, 0, 1)]
    [Trait("Invariant", "B6")]
    public void Settings_that_cannot_work_are_refused(int idle, int margin, int hour, int problems) =>
        new TeardownSettings(TimeSpan.FromMinutes(idle), TimeSpan.FromMinutes(margin))
            .Problems(BillingModel.Hourly with { Granularity = TimeSpan.FromMinutes(hour) }).Count().ShouldBe(problems);

    [Fact]
    [Trait("Invariant", "B6")]
    public void A_margin_means_nothing_where_time_is_billed_by_the_second() =>
        new TeardownSettings(TimeSpan.FromMinutes(5), TimeSpan.FromHours(2)).Problems(BillingModel.PerSecond).ShouldBeEmpty();
}
