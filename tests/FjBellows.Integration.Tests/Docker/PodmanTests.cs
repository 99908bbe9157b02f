using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Providers;
using FjBellows.Providers.Docker;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>The same provider on Podman's Docker API, from a worker's birth to its end.</summary>
[Needs(Part.Podman)]
public sealed class PodmanTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly DockerHost _host = new() { Podman = true };

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_worker_lives_on_podman_as_it_does_on_docker()
    {
        await using var forge = await Forge.StartAsync();
        var runner = DockerHost.Runner(forge.Server.Url);
        using var provider = new DockerProvider(_host.Settings, new DockerEngine(_host.Settings), runner);
        using var engine = new DockerEngine(_host.Settings);
        var findings = await provider.CheckAsync(None);
        findings.ShouldAllBe(f => f.Level == FindingLevel.Ok);
        findings[0].Message.ShouldStartWith("Podman");

        var spec = DockerWorker.Spec();
        var instance = await provider.CreateAsync(spec, None);
        (await provider.CreateAsync(spec, None)).Id.ShouldBe(instance.Id);
        (await provider.ListAsync(spec.Ownership, None)).ShouldHaveSingleItem().ShouldBeEquivalentTo(instance);

        var endpoint = new WorkerEndpoint(spec.Name, instance.Id.Value, instance.Addresses, null);
        var job = forge.Enqueue("sleep 1", "echo done");
        var dispatch = new DispatchId($"{spec.Name}-1");
        var credentials = forge.State.Register(ForgeScope.Admin, dispatch.Value);
        await using (var first = await new DockerConnector(engine, runner).ConnectAsync(endpoint, None))
        {
            (await first.ExecAsync("exit 3", None)).ExitCode.ShouldBe(3);
            (await first.CheckReadyAsync(None)).Ready.ShouldBeTrue();
            await first.StartAsync(new JobLaunch(dispatch, credentials.Uuid, credentials.Token, ["debian:host"], job.Handle), None);
        }

        await using (var second = await new DockerConnector(engine, runner).ConnectAsync(endpoint, None))
        {
            (await second.FollowAsync(dispatch, null, None)).ExitCode.ShouldBe(0);
            await second.CleanAsync(dispatch, None);
            forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);

            await _host.DockerAsync("kill", instance.Id.Value);
            (await second.Lost.WaitAsync(TimeSpan.FromMinutes(2))).ShouldContain("137");
        }

        (await provider.ListAsync(spec.Ownership, None)).ShouldBeEmpty();
        (await provider.GetAsync(instance.Id, None)).ShouldBeNull();
        await provider.DeleteAsync(instance.Id, spec.Name, None);
        var missing = await Should.ThrowAsync<CloudException>(async () =>
        {
            using var other = _host.Provider(s => s with { Image = "fjb-nowhere:1" });
            await other.CreateAsync(spec, None);
        });
        missing.Kind.ShouldBe(CloudErrorKind.InvalidConfig, missing.Message);
    }
}
