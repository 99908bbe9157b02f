using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

public class ScaleTests
{
    [Fact]
    public void Without_a_word_jobs_wait_for_nothing_and_nothing_is_kept()
    {
        var settings = Read(Minimal).Pools[0].Settings;
        settings.Waiting.ProvisionsAtOnce.ShouldBeTrue();
        settings.Reserve.ShouldBeNull();
    }

    [Fact]
    public void Budgets_are_read_with_those_of_labels()
    {
        var waiting = Read(
            Minimal + "\nscale: {max: 9, wait_budget: 5m, wait_budgets: {docker: 0s}, expected_duration: 90s}\n").Pools[0].Settings.Waiting;
        (waiting.Budget, waiting.ExpectedDuration).ShouldBe((TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(90)));
        waiting.ByLabel["docker"].ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("scale: {wait_budgets: {dokcer: 5m}}", "did you mean 'docker'?")]
    [InlineData("scale: {wait_budgets: {docker: soon}}", "write a number and a unit")]
    [InlineData("scale: {wait_budgets: 5m}", "write 'label: duration'")]
    [InlineData("scale: {wait_budget: -5m}", "without the minus")]
    [InlineData("scale: {max: 1, min_idle: 2}", "raise max")]
    [InlineData("scale: {schedule: [{cron: daily, lasts: 1h, min_idle: 1}]}", "write five fields")]
    [InlineData("scale: {schedule: [{cron: '0 8 * * *', lasts: 1h, min_idle: 1, time_zone: Middle/Earth}]}", "tzdata")]
    public void What_cannot_be_is_refused_with_a_remedy(string scale, string fix) =>
        Error(Minimal + "\n" + scale + "\n").Fix.ShouldContain(fix);

    [Fact]
    public void A_reserve_alone_is_wanted_at_all_times()
    {
        var reserve = Read(Minimal + "\nscale: {max: 3, min_idle: 2}\n").Pools[0].Settings.Reserve.ShouldNotBeNull();
        var at = reserve.At(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero));
        (at.Count, at.Until).ShouldBe((2, DateTimeOffset.MaxValue));
    }

    [Fact]
    public void A_window_follows_its_time_zone_through_daylight_saving()
    {
        var reserve = Read(
            Minimal +
            "\nscale: {max: 5, min_idle: 2, schedule: [{cron: '0 8 * * 1-5', lasts: 10h, time_zone: Europe/Berlin}, {cron: '0 9 * * 1', " +
            "lasts: 1h, time_zone: Europe/Berlin, min_idle: 4}]}\n").Pools[0].Settings.Reserve.ShouldNotBeNull();

        // Winter: eight in Berlin is seven in UTC. Tuesday.
        reserve.At(Utc(3, 10, 6, 59)).ShouldSatisfyAllConditions(r => r.Count.ShouldBe(0), r => r.Until.ShouldBe(Utc(3, 10, 7, 0)));
        reserve.At(Utc(3, 10, 7, 0)).ShouldSatisfyAllConditions(r => r.Count.ShouldBe(2), r => r.Until.ShouldBe(Utc(3, 10, 17, 0)));
        reserve.At(Utc(3, 10, 17, 0)).Count.ShouldBe(0);

        // Summer, from 29 March: six in UTC. A Monday has a second, larger window.
        reserve.At(Utc(3, 31, 6, 0)).ShouldSatisfyAllConditions(r => r.Count.ShouldBe(2), r => r.Why.ShouldContain("scale.schedule"));
        reserve.At(Utc(3, 30, 7, 30)).ShouldSatisfyAllConditions(r => r.Count.ShouldBe(4), r => r.Until.ShouldBe(Utc(3, 30, 8, 0)));
        reserve.At(Utc(3, 28, 12, 0)).Count.ShouldBe(0, "a Saturday");
    }

    private static DateTimeOffset Utc(int month, int day, int hour, int minute) => new(2026, month, day, hour, minute, 0, TimeSpan.Zero);
}
