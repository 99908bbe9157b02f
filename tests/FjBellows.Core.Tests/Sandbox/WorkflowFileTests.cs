using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Runner;

namespace FjBellows.Tests.Sandbox;

public sealed class WorkflowFileTests
{
    [Fact]
    public void The_samples_are_workflows_with_payloads_the_runner_reads()
    {
        var samples = WorkflowFile.Samples();

        samples.Select(s => s.Name).ShouldBe(["build", "deploy", "lint", "test"]);
        samples.SelectMany(s => s.Jobs).Select(j => j.Name).ShouldBe(
            ["build", "image", "deploy", "lint", "test (unit)", "test (storage)", "test (network)"]);
        foreach (var job in samples.SelectMany(s => s.Jobs))
        {
            job.RunsOn.ShouldBe(["debian"]);
            var plan = JobPlan.Read(job.Payload);
            plan.Key.ShouldBe(job.Key);
            plan.Name.ShouldBe(job.Name);
            plan.Steps.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Needs_and_concurrency_are_the_queues_business_and_leave_the_payload()
    {
        var deploy = WorkflowFile.Samples().SelectMany(s => s.Jobs).Single(j => j.Key == "deploy");

        deploy.Needs.ShouldBe(["image"]);
        deploy.ConcurrencyGroup.ShouldBe("production");
        deploy.Payload.ShouldNotContain("\"needs\"");
    }

    [Fact]
    public void A_matrix_becomes_one_job_for_each_combination()
    {
        var jobs = WorkflowFile.Parse("""
            on: push
            jobs:
              test:
                name: check ${{ matrix.os }} v${{ matrix.version }}
                runs-on: ${{ matrix.os }}
                strategy:
                  matrix:
                    os: [debian, alpine]
                    version: [1, 2]
                    exclude: [{ os: alpine, version: 2 }]
                    include: [{ os: debian, version: 1, extra: yes }, { os: fedora, version: 9 }]
                steps: [{ run: "echo ${{ matrix.extra }}" }]
            """).Jobs;

        jobs.Select(j => j.Name).ShouldBe(["check debian v1", "check debian v2", "check alpine v1", "check fedora v9"]);
        jobs.Select(j => j.RunsOn.Single()).ShouldBe(["debian", "debian", "alpine", "fedora"]);
        JobPlan.Read(jobs[0].Payload).Matrix
            .ShouldBe(new Dictionary<string, string> { ["os"] = "debian", ["version"] = "1", ["extra"] = "yes" });
    }

    [Fact]
    public void The_payload_keeps_texts_as_they_were()
    {
        var run = "echo \"ü 😀 \\ ' \t\"\nprintf '%s' \"$A\"\n";
        var yaml = "on: push\nenv: { A: '007', B: 1.50, C: true }\njobs:\n  j:\n    runs-on: [a, b]\n    steps:\n      - run: |\n"
            + string.Concat(run.TrimEnd('\n').Split('\n').Select(l => "          " + l + "\n"));

        var job = WorkflowFile.Parse(yaml).Jobs.ShouldHaveSingleItem();
        var plan = JobPlan.Read(job.Payload);

        plan.Steps[0].Run.ShouldBe(run);
        plan.Env.ShouldBe(new Dictionary<string, string> { ["A"] = "007", ["B"] = "1.50", ["C"] = "true" });

        // A server that writes YAML instead of JSON is understood as well.
        JobPlan.Read(yaml).Steps[0].Run.ShouldBe(run);
    }

    [Theory]
    [InlineData("jobs: [", "w.yaml:2:1: ")]
    [InlineData("on: push\nname: x\n", "w.yaml:1:1: a workflow needs a 'jobs' mapping")]
    [InlineData("jobs:\n  a:\n    steps: []\n", "w.yaml:3:5: job 'a' needs 'runs-on'")]
    [InlineData("jobs:\n  a:\n    runs-on: x\n", "w.yaml:3:5: job 'a' needs a list of 'steps'")]
    [InlineData("jobs:\n  a:\n    runs-on: x\n    needs: b\n    steps: []\n", "w.yaml:4:12: job 'a' needs 'b'")]
    [InlineData("jobs:\n  a:\n    uses: x/y@v1\n", "w.yaml:3:11: job 'a' calls another workflow")]
    [InlineData("jobs:\n  a: 1\n", "w.yaml:2:6: job 'a' must be a mapping")]
    [InlineData("jobs: {}\n", "w.yaml:1:7: a workflow needs at least one job")]
    [InlineData("", "w.yaml: the file is empty")]
    public void A_broken_file_is_refused_with_its_place(string yaml, string message) =>
        Should.Throw<WorkflowException>(() => WorkflowFile.Parse(yaml, "w.yaml")).Message.ShouldStartWith(message);
}
