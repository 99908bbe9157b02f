using System.Diagnostics;
using FjBellows.Sandbox.Forge;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>The daemon on a real engine, from the queue to the last container.</summary>
[Collection(DockerCollection.Name)]
public sealed class DockerDaemonTests(DockerHost host, ITestOutputHelper output)
{
    [Fact]
    [Trait("Invariant", "J5")]
    [Trait("Invariant", "B4")]
    public async Task Twenty_jobs_run_once_each_on_five_workers_that_are_gone_afterwards()
    {
        await using var all = await DockerDeployment.StartAsync(host, max: 5);
        var watch = Stopwatch.StartNew();
        var jobs = all.Enqueue(20, seconds: 0.5);
        var most = 0;
        await all.UntilAsync(
            async () =>
            {
                most = Math.Max(most, (await host.ContainersAsync(all.Tag)).Length);
                return jobs.All(j => all.Forge.State.Job(j.Id).IsDone);
            },
            "not all jobs were done",
            seconds: 120);
        output.WriteLine($"20 jobs of 0.5 s: {watch.Elapsed.TotalSeconds:0.0} s, {most} containers at most");

        jobs.Select(j => all.Forge.State.Job(j.Id)).ShouldAllBe(j => j.Status == ForgeJobStatus.Success && j.Starts == 1);
        all.Proof().ShouldBe((20, 20));
        most.ShouldBe(5);
        watch.Restart();
        await all.UntilNothingIsLeftAsync();
        output.WriteLine($"no container left {watch.Elapsed.TotalSeconds:0.0} s later, with an idle timeout of 3 s");
        all.Forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_job_goes_on_while_its_daemon_is_killed_and_ends_once()
    {
        await using var all = await DockerDeployment.StartAsync(host);
        var job = all.Enqueue(1, seconds: 6).Single();
        await all.UntilAsync(() => all.Proof() == (1, 0), "the job never began");
        await all.KillDaemonAsync();
        (await host.ContainersAsync(all.Tag)).Length.ShouldBe(1);
        await all.StartDaemonAsync();

        await all.UntilAsync(() => all.Forge.State.Job(job.Id).IsDone, "the job never ended");
        await all.UntilNothingIsLeftAsync();
        var done = all.Forge.State.Job(job.Id);
        (done.Status, done.Starts).ShouldBe((ForgeJobStatus.Success, 1));
        all.Proof().ShouldBe((1, 1));
        all.Forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    [Trait("Invariant", "J5")]
    [Trait("Invariant", "W11")]
    public async Task An_engine_that_ends_in_mid_run_costs_its_jobs_and_no_job_runs_twice(string how)
    {
        await using var all = await DockerDeployment.StartAsync(host);
        var jobs = all.Enqueue(4, seconds: 6);
        await all.UntilAsync(() => all.Proof().Begun == 2, "the first two jobs never began");
        await host.EngineAsync(how);
        await host.EngineAsync("start");

        await all.UntilAsync(() => all.Proof() is { Begun: 4, Ended: >= 2 }, "the other two jobs never ran", seconds: 180);
        await all.UntilNothingIsLeftAsync();
        jobs.Select(j => all.Forge.State.Job(j.Id)).ShouldAllBe(j => j.Starts == 1);
        jobs.Count(j => all.Forge.State.Job(j.Id).Status == ForgeJobStatus.Success).ShouldBe(all.Proof().Ended);
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public async Task A_container_killed_under_its_job_is_reported_and_the_next_job_gets_another()
    {
        await using var all = await DockerDeployment.StartAsync(host, max: 1);
        var first = all.Enqueue(1, seconds: 60).Single();
        await all.UntilAsync(() => all.Proof() == (1, 0), "the job never began");
        var watch = Stopwatch.StartNew();
        await host.DockerAsync("kill", (await host.ContainersAsync(all.Tag)).Single());
        var second = all.Enqueue(1, seconds: 0.1).Single();

        await all.UntilAsync(() => all.Forge.State.Job(second.Id).IsDone, "the second job never ran");
        output.WriteLine($"the next job was done {watch.Elapsed.TotalSeconds:0.0} s after the kill");
        await all.UntilNothingIsLeftAsync();
        all.Proof().ShouldBe((2, 1));
        all.Forge.State.Job(first.Id).Starts.ShouldBe(1);
        all.Log.ShouldContain("lost", Case.Insensitive);
        all.Log.ShouldContain("exit code 137");
    }

    [Fact]
    public async Task An_engine_that_is_down_keeps_jobs_waiting_until_it_is_back()
    {
        await host.EngineAsync("stop");
        try
        {
            await using var all = await DockerDeployment.StartAsync(host);
            var job = all.Enqueue(1, seconds: 0.1).Single();
            await all.Daemon.SaysAsync("no engine answers");
            all.Forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Waiting);
            await host.EngineAsync("start");
            await all.UntilAsync(() => all.Forge.State.Job(job.Id).IsDone, "the job never ran");
            await all.UntilNothingIsLeftAsync();
        }
        finally
        {
            await host.EngineAsync("start");
        }
    }
}
