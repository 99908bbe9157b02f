using FjBellows.Billing;
using FjBellows.Providers;
using FjBellows.Providers.Docker;

namespace FjBellows.Integration.Tests.Docker;

[Collection(DockerCollection.Name)]
public sealed class DockerProviderTests(DockerHost host)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_worker_is_a_running_container_with_marks_and_is_gone_after_its_deletion()
    {
        await using var worker = await DockerWorker.StartAsync(
            host, s => s with
            {
                Labels = new Dictionary<string, string> { ["team"] = "a" },
                MilliCpus = 500,
                Memory = 64 << 20,
                Env = new Dictionary<string, string> { ["GREETING"] = "hello" },
                DockerSocket = true,
            });
        var (provider, instance) = (worker.Provider, worker.Instance);

        provider.Billing.ShouldBe(BillingModel.PerSecond);
        instance.Status.ShouldBe(InstanceStatus.Running);
        instance.Id.Value.Length.ShouldBe(64);
        instance.Addresses.ShouldNotBeEmpty();
        DockerWorker.Ownership.Owns(instance).ShouldBeTrue();
        (DateTimeOffset.UtcNow - instance.CreatedAt).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        (await host.DockerAsync(
            "inspect", "-f",
            "{{.Name}} {{index .Config.Labels \"team\"}} {{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} " +
            "{{.HostConfig.RestartPolicy.Name}}", worker.Id))
            .Trim().ShouldBe($"/{instance.Name} a 500000000 67108864 no");
        (await host.DockerAsync("exec", worker.Id, "sh", "-c", "echo $GREETING; test -S /var/run/docker.sock && hostname"))
            .ShouldStartWith("hello\n");
        (await provider.ListAsync(DockerWorker.Ownership, None)).ShouldHaveSingleItem().ShouldBeEquivalentTo(instance);
        (await provider.GetAsync(instance.Id, None)).ShouldBeEquivalentTo(instance);

        await provider.DeleteAsync(instance.Id, instance.Name, None);
        (await provider.GetAsync(instance.Id, None)).ShouldBeNull();
        (await provider.ListAsync(DockerWorker.Ownership, None)).ShouldBeEmpty();
        await provider.DeleteAsync(instance.Id, instance.Name, None);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task Creating_the_same_worker_again_gives_the_same_container_even_one_that_was_never_started()
    {
        await using var worker = await DockerWorker.StartAsync(host);
        var again = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => worker.Provider.CreateAsync(DockerWorker.Spec(worker.Instance.Name), None)));
        again.ShouldAllBe(i => i.Id == worker.Instance.Id);

        var half = DockerWorker.Spec();
        var made = (await host.DockerAsync(
            "create", "--name", half.Name, "--network", "host", "--label", $"fj-bellows.tag={half.Ownership.Tag}", "--label",
            $"fj-bellows.owner={half.Ownership.Owner}",
            "--label", $"fj-bellows.worker={half.Name}", DockerHost.Image, "sleep", "60")).Trim();
        (await worker.Provider.GetAsync(new InstanceId(made), None))!.Status.ShouldBe(InstanceStatus.Starting);
        var taken = await worker.Provider.CreateAsync(half, None);
        (taken.Id.Value, taken.Status).ShouldBe((made, InstanceStatus.Running));
        await worker.Provider.DeleteAsync(taken.Id, half.Name, None);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_name_that_is_somebody_elses_is_a_conflict_and_the_container_is_left_alone()
    {
        using var provider = host.Provider();
        var spec = DockerWorker.Spec();
        var other = (await host.DockerAsync("run", "-d", "--name", spec.Name, "--network", "host", DockerHost.Image, "sleep", "60")).Trim();

        var error = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(spec, None));
        error.Kind.ShouldBe(CloudErrorKind.Conflict);
        error.Message.ShouldContain(spec.Name);
        (await Should.ThrowAsync<CloudException>(() => provider.DeleteAsync(new InstanceId(other), spec.Name, None))).Kind
            .ShouldBe(CloudErrorKind.Conflict);
        (await host.DockerAsync("inspect", "-f", "{{.State.Running}}", other)).Trim().ShouldBe("true");
        await host.DockerAsync("rm", "-fv", other);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_listing_shows_another_owners_container_and_never_removes_it_even_when_it_has_ended()
    {
        using var provider = host.Provider();
        var foreign =
            (await host.DockerAsync(
                "run", "-d", "--network", "host", "--label", "fj-bellows.tag=docker-tests", "--label", "fj-bellows.owner=fjb-0",
                DockerHost.Image, "true")).Trim();
        await host.DockerAsync("wait", foreign);

        var seen = (await provider.ListAsync(DockerWorker.Ownership, None)).ShouldHaveSingleItem();
        DockerWorker.Ownership.IsForeign(seen).ShouldBeTrue();
        seen.Status.ShouldBe(InstanceStatus.Stopped);
        (await host.DockerAsync("rm", foreign)).Trim().ShouldBe(foreign);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    [Trait("Invariant", "O8")]
    public async Task A_container_that_ended_is_no_worker_it_goes_with_its_volumes_and_named_ones_stay()
    {
        await host.DockerAsync("volume", "create", "cache");
        await using var worker = await DockerWorker.StartAsync(host, s => s with { Volumes = [.. s.Volumes, "cache:/cache"] });
        await host.DockerAsync("kill", worker.Id);
        await host.DockerAsync("wait", worker.Id);

        (await worker.Provider.GetAsync(worker.Instance.Id, None)).ShouldBeNull();
        (await worker.Provider.ListAsync(DockerWorker.Ownership, None)).ShouldBeEmpty();
        (await host.ContainersAsync(DockerWorker.Ownership.Tag)).ShouldHaveSingleItem("a query deletes nothing");
        (await worker.Provider.SweepAsync(DockerWorker.Ownership, [], None)).ShouldBe(1);
        (await host.ContainersAsync(DockerWorker.Ownership.Tag)).ShouldBeEmpty();
        (await host.DockerAsync("volume", "ls", "-q")).Trim().ShouldBe("cache");
        await host.DockerAsync("volume", "rm", "cache");
    }

    [Theory]
    [InlineData("image", "fjb-nowhere:1")]
    [InlineData("network", "nowhere")]
    [InlineData("runtime", "nowhere")]
    [InlineData("user", "nobody-knows")]
    [InlineData("command", "nothing to do")]
    public async Task What_cannot_run_is_reported_with_its_name_and_leaves_nothing(string what, string named)
    {
        using var provider = host.Provider(s => what switch
        {
            "image" => s with { Image = named },
            "network" => s with { Network = named },
            "runtime" => s with { Runtime = named },
            "user" => s with { User = named },
            _ => s with { ImageCommand = true },
        });

        var error = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(DockerWorker.Spec(), None));
        error.Kind.ShouldBe(CloudErrorKind.InvalidConfig, error.Message);
        error.Message.ShouldContain(named);
        (await host.ContainersAsync("docker-tests")).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_registry_that_does_not_answer_holds_provisioning_back_and_does_not_stop_them_for_good()
    {
        using var provider = host.Provider(s => s with { Image = "127.0.0.1:9/fjb/worker:1", Pull = DockerPull.Missing });

        var error = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(DockerWorker.Spec(), None));
        error.Kind.ShouldBe(CloudErrorKind.Transient, error.Message);
        error.MayHaveTakenEffect.ShouldBeFalse("no container was asked for");
        error.Message.ShouldContain("127.0.0.1:9/fjb/worker:1");
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Without_an_engine_nothing_counts_as_created_and_nothing_as_gone()
    {
        using var provider = host.Provider(s => s with { Host = new Uri("unix:///nowhere/docker.sock") });

        var create = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(DockerWorker.Spec(), None));
        create.MayHaveTakenEffect.ShouldBeFalse();
        create.Message.ShouldContain("/nowhere/docker.sock");
        (await Should.ThrowAsync<CloudException>(() => provider.GetAsync(new InstanceId("a"), None))).Kind
            .ShouldBe(CloudErrorKind.Transient);
        (await Should.ThrowAsync<CloudException>(() => provider.ListAsync(DockerWorker.Ownership, None))).Kind
            .ShouldBe(CloudErrorKind.Transient);
        (await Should.ThrowAsync<CloudException>(() => provider.DeleteAsync(new InstanceId("a"), "w", None))).Kind
            .ShouldBe(CloudErrorKind.Transient);
    }
}
