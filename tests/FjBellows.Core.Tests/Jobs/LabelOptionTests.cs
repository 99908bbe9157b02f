using FjBellows.Jobs;

namespace FjBellows.Tests.Jobs;

[Trait("Invariant", "J6")]
public sealed class LabelOptionTests
{
    [Theory]
    [InlineData("plat?platform=linux/amd64", "plat", null, "platform=linux/amd64")]
    [InlineData("plat:docker://node:22?platform=linux/arm64", "plat", "node:22", "platform=linux/arm64")]
    [InlineData("plat:docker:node:22", "plat", "node:22", null)]
    public void A_label_is_taken_apart_as_the_runner_does(string text, string name, string? image, string? options)
    {
        var label = RunnerLabel.Parse(text);

        (label.Name, label.Schema, label.Argument, label.Options, label.Text).ShouldBe(
            (name, RunnerLabelSchema.Docker, image, options, text));
        LabelSet.Parse([text]).HasOptions.ShouldBe(options is not null);
    }

    [Fact]
    public void One_name_with_two_meanings_is_refused()
    {
        Should.Throw<FormatException>(() => LabelSet.Parse(["plat:host", "plat:docker://img"])).Message
            .ShouldContain("keeps only the last");
        LabelSet.Parse(["plat:host", "plat:host"]).Query.ShouldBe("plat");
    }

    [Fact]
    public void What_nobody_serves_and_what_nobody_asks_for_is_told_apart()
    {
        LabelSet[] pools = [LabelSet.Parse(["docker", "big"]), LabelSet.Parse(["arm64:host"])];
        QueuedJob[] jobs =
            [Job(1, "docker"), Job(2, "gpu"), Job(3, "gpu"), Job(4, "docker", "arm64"), Job(5), Job(6, ""),
                Job(7, "gone") with { Status = JobStatus.Running }];

        UnservedLabels.Of(jobs, pools).ShouldBe([("(nothing)", 2), ("gpu", 2), ("docker arm64", 1)]);
        UnservedLabels.NotAskedFor(jobs, pools).ShouldBe(["big"]);
    }

    private static QueuedJob Job(long id, params string[] labels) => new(id, 1, $"h{id}", 1, 1, "build", labels, JobStatus.Waiting, 0);
}
