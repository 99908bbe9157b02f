using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Sandbox;

public sealed class OneJobTests
{
    [Fact]
    public async Task A_waiting_job_is_run_and_its_log_arrives()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("echo hello-$((40 + 2))");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");

        var (exit, log) = await forge.RunAsync(runner, default, "--handle", job.Handle);

        exit.ShouldBe(0);
        job = forge.State.Job(job.Id);
        job.Status.ShouldBe(ForgeJobStatus.Success);
        job.Starts.ShouldBe(1);
        job.Current!.Log.ShouldContain("hello-42");
        job.Current.Runner.ShouldBe("r1");
        forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
        foreach (var line in new[]
        {
            "Starting job", "runner: r1, with version: v12.8.2+sandbox, with labels: [debian], ephemeral: true, declared successfully",
            "single task poller launched", $"single task poller successfully fetched one task from {forge.Server.Url}",
            $"task 1 repo is acme/app https://data.forgejo.org {forge.Server.Url}", "single task poller is shutting down",
        })
        {
            log.ShouldContain($"level=info msg=\"{line}\"");
        }
    }
}
