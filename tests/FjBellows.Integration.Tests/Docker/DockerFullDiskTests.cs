using FjBellows.Providers;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>An engine whose disk is a few megabytes of memory.</summary>
[Needs(Part.DockerEngine)]
public sealed class DockerFullDiskTests : IAsyncLifetime
{
    private readonly DockerHost _host = new() { DiskMebibytes = 64 };

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_full_disk_holds_provisioning_back_leaves_nothing_and_is_over_when_there_is_room()
    {
        using var provider = _host.Provider();
        var filler = Path.Combine(_host.Directory, "data", "filler");
        await Should
            .ThrowAsync<InvalidOperationException>(
                () => DockerHost.RunAsync("dd", ["if=/dev/zero", $"of={filler}", "bs=64K", "status=none"]));

        var error = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(DockerWorker.Spec(), CancellationToken.None));
        error.Kind.ShouldBe(CloudErrorKind.CapacityOut, error.Message);
        error.Message.ShouldContain("no space left");
        (await _host.ContainersAsync("docker-tests")).ShouldBeEmpty();

        File.Delete(filler);
        (await provider.CreateAsync(DockerWorker.Spec(), CancellationToken.None)).Status.ShouldBe(InstanceStatus.Running);
    }
}
