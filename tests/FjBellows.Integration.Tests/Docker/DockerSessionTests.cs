using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Providers.Docker;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>Dispatches in a container, by the sandbox's runner in forgejo-runner's place.</summary>
[Collection(DockerCollection.Name)]
public sealed class DockerSessionTests(DockerHost host)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(null)]
    [InlineData("1000:1000")]
    [Trait("Invariant", "W14")]
    public async Task A_job_outlives_its_session_and_is_found_again(string? user)
    {
        await using var forge = await Forge.StartAsync();
        await using var worker = await DockerWorker.StartAsync(host, s => s with { User = user });
        using var engine = new DockerEngine(host.Settings);
        var runner = DockerHost.Runner(forge.Server.Url);
        var job = forge.Enqueue("id -u", "sleep 2", "echo the end");
        var launch = Launch(forge, job);

        await using (var first = await worker.ConnectAsync(engine, runner))
        {
            var ready = await first.CheckReadyAsync(None);
            ready.Ready.ShouldBeTrue(ready.Detail);
            ready.Detail.ShouldContain("forgejo-runner");
            await first.StartAsync(launch, None);
            await first.StartAsync(launch, None);
        }

        await forge.UntilAsync(job.Id, j => j.Status == ForgeJobStatus.Running);
        await using var second = await worker.ConnectAsync(engine, runner);
        (await second.InspectAsync(None)).ShouldHaveSingleItem().ShouldBe(new RunnerProcess(launch.Dispatch, true, null));
        (await second.FollowAsync(launch.Dispatch, null, None)).ExitCode.ShouldBe(0);
        var done = forge.State.Job(job.Id);
        (done.Status, done.Starts).ShouldBe((ForgeJobStatus.Success, 1));

        await second.CleanAsync(launch.Dispatch, None);
        (await second.InspectAsync(None)).ShouldBeEmpty();
        (await second.ExecAsync("find /tmp/fj-bellows -type f; ps | grep -c '[f]j-bellows.dll'", None)).Output.Trim().ShouldBe("0");
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task A_signal_reaches_the_runner_and_a_kill_everything_of_it()
    {
        await using var forge = await Forge.StartAsync();
        await using var worker = await DockerWorker.StartAsync(host);
        using var engine = new DockerEngine(host.Settings);
        await using var session = await worker.ConnectAsync(engine, DockerHost.Runner(forge.Server.Url));
        foreach (var signal in new[] { RunnerSignal.Terminate, RunnerSignal.Kill })
        {
            var job = forge.Enqueue("sleep 600");
            var launch = Launch(forge, job);
            await session.StartAsync(launch, None);
            await forge.UntilAsync(job.Id, j => j.Status == ForgeJobStatus.Running);
            await DockerHost.UntilAsync(
                async () => (await session.ExecAsync("ps", None)).Output.Contains("sleep 600"), "the step never ran");

            await session.SignalAsync(launch.Dispatch, signal, None);
            var exit = await session.FollowAsync(launch.Dispatch, null, None).WaitAsync(TimeSpan.FromMinutes(2));
            exit.ExitCode.ShouldBe(signal == RunnerSignal.Kill ? 137 : 0, exit.LogTail);
            forge.State.Job(job.Id).Status.ShouldNotBe(ForgeJobStatus.Success);
            (await session.ExecAsync("ps", None)).Output.ShouldNotContain("sleep 600");
            await session.CleanAsync(launch.Dispatch, None);
        }
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task The_token_is_in_no_command_line_and_no_environment()
    {
        await using var forge = await Forge.StartAsync();
        await using var worker = await DockerWorker.StartAsync(host);
        using var engine = new DockerEngine(host.Settings);
        await using var session = await worker.ConnectAsync(engine, DockerHost.Runner(forge.Server.Url));
        var job = forge.Enqueue("sleep 600");
        var launch = Launch(forge, job);
        await session.StartAsync(launch, None);
        await forge.UntilAsync(job.Id, j => j.Status == ForgeJobStatus.Running);

        var seen = await session.ExecAsync("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'", None);
        seen.Output.ShouldContain("one-job");
        seen.Output.ShouldNotContain(launch.Token.Reveal());
        (await host.DockerAsync("inspect", worker.Id)).ShouldNotContain(launch.Token.Reveal());
        await session.SignalAsync(launch.Dispatch, RunnerSignal.Kill, None);
        await session.FollowAsync(launch.Dispatch, null, None);
    }

    private static JobLaunch Launch(Forge forge, ForgeJob job)
    {
        var dispatch = new DispatchId($"w-{job.Id}");
        var runner = forge.State.Register(ForgeScope.Admin, dispatch.Value);
        return new JobLaunch(dispatch, runner.Uuid, runner.Token, ["debian:host"], job.Handle);
    }
}
