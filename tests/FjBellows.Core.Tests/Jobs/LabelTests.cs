using FjBellows.Jobs;

namespace FjBellows.Tests.Jobs;

public sealed class LabelTests
{
    [Theory]
    [InlineData("docker", "docker", RunnerLabelSchema.Docker, null)]
    [InlineData("ubuntu-24.04:docker://node:22-bookworm", "ubuntu-24.04", RunnerLabelSchema.Docker, "node:22-bookworm")]
    [InlineData("x:docker://reg.example:5000/a/b:1", "x", RunnerLabelSchema.Docker, "reg.example:5000/a/b:1")]
    [InlineData("bare:host", "bare", RunnerLabelSchema.Host, null)]
    [InlineData("box:lxc://debian:bookworm", "box", RunnerLabelSchema.Lxc, "debian:bookworm")]
    [Trait("Invariant", "J6")]
    public void A_label_is_read_as_the_runner_reads_it(string text, string name, RunnerLabelSchema schema, string? argument)
    {
        var label = RunnerLabel.Parse(text);
        (label.Name, label.Schema, label.Argument, label.Text).ShouldBe((name, schema, argument, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("two words")]
    [InlineData(":host")]
    [InlineData("a,b")]
    [InlineData("a:lxd://x")]
    [InlineData("a:host:b")]
    [InlineData("a:host?x=y")]
    [InlineData("a:lxc://debian?x=y")]
    [InlineData("a?x=y:docker://img")]
    [InlineData("a?x=y:host")]
    [InlineData("a?platform")]
    [InlineData("a?=b")]
    [InlineData("?platform=linux/amd64")]
    [InlineData("a:docker://")]
    [InlineData("a\n:host")]
    [Trait("Invariant", "J6")]
    public void A_label_that_no_runner_takes_is_refused_by_name(string text) =>
        Should.Throw<FormatException>(() => RunnerLabel.Parse(text)).Message.ShouldContain("label");

    [Fact]
    [Trait("Invariant", "J6")]
    public void A_pool_without_labels_is_refused() =>
        Should.Throw<FormatException>(() => LabelSet.Parse([])).Message.ShouldContain("forgejo.labels");

    [Fact]
    [Trait("Invariant", "J6")]
    public void A_job_belongs_to_the_pool_when_all_it_asks_for_is_there()
    {
        var labels = LabelSet.Parse(["docker", "big:host"]);
        labels.Query.ShouldBe("docker,big");
        labels.CanRun(Job("docker")).ShouldBeTrue();
        labels.CanRun(Job("big", "docker")).ShouldBeTrue();
        labels.CanRun(Job("docker", "arm")).ShouldBeFalse();
        labels.CanRun(Job("Docker")).ShouldBeFalse();
        labels.CanRun(Job()).ShouldBeFalse();

        static QueuedJob Job(params string[] runsOn) => new(1, 1, "h", 1, 1, "build", runsOn, JobStatus.Waiting, 0);
    }

    [Theory]
    [InlineData(982, 1, "7d1c", "7d1c")]
    [InlineData(982, 3, "", "982#3")]
    [Trait("Invariant", "J3")]
    public void An_attempt_is_keyed_by_its_handle_or_by_id_and_attempt(long id, long attempt, string handle, string key) =>
        JobKey.Of(id, attempt, handle).Value.ShouldBe(key);
}
