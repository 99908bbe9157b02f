using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;

namespace FjBellows.Tests.Pool;

public sealed class DurationEstimatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_unknown_job_takes_what_is_expected()
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        (learned.Of(Job("new")).Median, learned.Of(Job("new")).Samples).ShouldBe((TimeSpan.FromMinutes(7), 0));
    }

    [Fact]
    public void A_job_takes_what_its_recent_runs_took_and_one_outlier_moves_nothing()
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        foreach (var minutes in new[] { 4, 5, 4, 6, 4, 5, 4, 5, 4, 300 })
        {
            learned.Learn(Ran("build", minutes));
        }

        var build = learned.Of(Job("build"));
        (build.Median, build.P90, build.Samples).ShouldBe((TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6), 10));
        learned.Of(Job("build") with { RepoId = 9 }).Samples.ShouldBe(0, "another repository's job of that name is another job");
    }

    [Fact]
    public void What_is_long_past_is_forgotten()
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        for (var i = 0; i < 60; i++)
        {
            learned.Learn(Ran("build", i < 30 ? 20 : 2));
        }

        (learned.Of(Job("build")).Median, learned.Of(Job("build")).Samples).ShouldBe((TimeSpan.FromMinutes(2), 30));
    }

    [Theory]
    [InlineData(OutcomeKind.NoTask)]
    [InlineData(OutcomeKind.Cancelled)]
    [InlineData(OutcomeKind.Lost)]
    [InlineData(OutcomeKind.FailedToStart)]
    public void Only_a_job_that_ran_to_its_end_says_how_long_it_takes(OutcomeKind kind)
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        learned.Learn(Ran("build", 4) with { Kind = kind });
        learned.Kinds.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void The_kinds_longest_unseen_are_forgotten()
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        for (var i = 0; i < DurationEstimator.MostKinds; i++)
        {
            learned.Learn(Ran($"build {i}", 4));
        }

        learned.Learn(Ran("build 0", 4));
        learned.Learn(Ran("one more", 4));
        learned.Kinds.ShouldBe(DurationEstimator.MostKinds);
        learned.Of(Job("build 0")).Samples.ShouldBe(2);
        learned.Of(Job("build 1")).Samples.ShouldBe(0);
    }

    [Fact]
    public void What_is_left_of_a_job_follows_those_that_lasted_longer()
    {
        var estimate = new TimeEstimate([.. new[] { 2, 4, 6, 8, 20 }.Select(m => TimeSpan.FromMinutes(m))]);
        estimate.Left(TimeSpan.Zero).ShouldBe(TimeSpan.FromMinutes(6));
        estimate.Left(TimeSpan.FromMinutes(5)).ShouldBe(TimeSpan.FromMinutes(3));
        estimate.Left(TimeSpan.FromMinutes(9)).ShouldBe(TimeSpan.FromMinutes(11));
        estimate.Left(TimeSpan.FromMinutes(40)).ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Boots_are_learned_too()
    {
        var learned = new DurationEstimator(TimeSpan.FromMinutes(7));
        learned.Boot.ShouldBe(learned.Boot);
        learned.Boot.Samples.ShouldBe(0);
        learned.LearnBoot(Start, Start.AddSeconds(40));
        learned.LearnBoot(Start, Start.AddSeconds(50));
        learned.LearnBoot(Start, Start.AddSeconds(300));
        learned.Boot.Median.ShouldBe(TimeSpan.FromSeconds(50));
    }

    private static QueuedJob Job(string name) => new(1, 1, "h", 1, 1, name, ["docker"], JobStatus.Waiting, 0);

    private static DispatchOutcome Ran(string name, int minutes) => new(
        "default", "w", new Assignment(new DispatchId("w-1"), Job(name), Start, true) { StartedAt = Start }, OutcomeKind.Completed,
        Start.AddMinutes(minutes), 0, "");
}
