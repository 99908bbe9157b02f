using CsCheck;
using FjBellows.Billing;

namespace FjBellows.Tests.Billing;

public sealed class BilledTimeTests
{
    private static readonly Gen<BillingModel> Models = Gen.Select(
        Gen.Int[0, 2].Select(i => TimeSpan.FromSeconds(Math.Pow(60, i))),
        Gen.Int[0, 7200].Select(s => TimeSpan.FromSeconds(s)),
        (granularity, minimum) => new BillingModel(granularity, minimum, null, true));

    private static readonly Gen<TimeSpan> Lifetimes = Gen.Long[0, TimeSpan.FromDays(10).Ticks].Select(TimeSpan.FromTicks);

    [Theory]
    [InlineData(0, 60)]
    [InlineData(1, 60)]
    [InlineData(60, 60)]
    [InlineData(61, 120)]
    [InlineData(150, 180)]
    public void Whole_hours_are_billed(int minutes, int billed) =>
        BilledTime.Of(BillingModel.Hourly, TimeSpan.FromMinutes(minutes)).ShouldBe(TimeSpan.FromMinutes(billed));

    [Fact]
    public void What_is_billed_covers_the_lifetime_and_never_shrinks() => Gen.Select(Models, Lifetimes, Lifetimes).Sample((model, a, b) =>
    {
        var (less, more) = a <= b ? (a, b) : (b, a);
        return BilledTime.Of(model, less) >= less
            && BilledTime.Of(model, less) <= BilledTime.Of(model, more)
            && BilledTime.Of(model, more) >= model.MinimumDuration
            && BilledTime.Of(model, more) - more < Max(model.Granularity, model.MinimumDuration) + model.Granularity;
    });

    [Fact]
    public void Money_follows_the_time_billed()
    {
        BilledTime.Cost(BillingModel.Hourly, TimeSpan.FromMinutes(61), 0.03m).ShouldBe(0.06m);
        BilledTime.Cost(BillingModel.Hourly, TimeSpan.FromMinutes(61), null).ShouldBeNull();
    }

    [Fact]
    public void A_configured_hour_changes_only_leases()
    {
        BillingModel.Hourly.WithHour(TimeSpan.FromSeconds(40)).Granularity.ShouldBe(TimeSpan.FromSeconds(40));
        BillingModel.Hourly.WithHour(TimeSpan.FromSeconds(40)).MinimumDuration.ShouldBe(TimeSpan.FromSeconds(40));
        BillingModel.PerSecond.WithHour(TimeSpan.FromHours(2)).ShouldBe(BillingModel.PerSecond);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
