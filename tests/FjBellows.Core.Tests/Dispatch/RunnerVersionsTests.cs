using FjBellows.Dispatch;

namespace FjBellows.Tests.Dispatch;

public sealed class RunnerVersionsTests
{
    [Theory]
    [InlineData("13.2.0", "28.0.1", false, null)]
    [InlineData("13.2.0", null, true, null)]
    [InlineData("12.13.2", "20.10.24", false, null)]
    [InlineData("12.8.2", "24.0.7", false, null)]
    [InlineData("12.8.1", null, false, "too old")]
    [InlineData("13.0.0", "24.0.7", false, "needs Docker 25")]
    [InlineData("12.13.2", "29.5.1", false, "refuses the copies")]
    [InlineData("13.2.0", "29.7", false, "refuses the copies")]
    [InlineData("12.13.2", null, true, "options of a label")]
    public void Known_releases_are_compared_with_the_engine_and_the_labels(string runner, string? engine, bool options, string? objection)
    {
        var objections = RunnerVersions.Judge(Version.Parse(runner), engine is null ? null : Version.Parse(engine), options);

        if (objection is null)
        {
            objections.ShouldBeEmpty();
        }
        else
        {
            objections.ShouldHaveSingleItem()
                .ShouldSatisfyAllConditions(o => o.IsFatal.ShouldBeTrue(), o => o.Message.ShouldContain(objection));
        }
    }

    [Fact]
    public void A_release_of_the_future_is_allowed_with_a_note() =>
        RunnerVersions.Judge(new Version(14, 0, 0), new Version(30, 0, 0), true).ShouldHaveSingleItem().IsFatal.ShouldBeFalse();

    [Theory]
    [InlineData("20.10.24", "12.13.2")]
    [InlineData("25.0.0", "13.2.0")]
    [InlineData(null, "13.2.0")]
    public void The_release_to_install_follows_the_engine(string? engine, string release) =>
        RunnerVersions.RecommendedFor(engine is null ? null : Version.Parse(engine)).ShouldBe(Version.Parse(release));
}
