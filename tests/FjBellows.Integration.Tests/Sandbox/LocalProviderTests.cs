using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Dispatch;
using FjBellows.Providers;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Sandbox;

/// <summary>The cloud made of this machine: its instances, and a worker's whole life on one.</summary>
public sealed class LocalProviderTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Ownership Ours = Ownership.Of(new Uri("https://forge.test/"), "admin", "fjb-test", "main");
    private static readonly Ownership Theirs = Ownership.Of(new Uri("https://other.test/"), "admin", "fjb-test", "main");

    private readonly string _root = Directory.CreateTempSubdirectory("fjb-local-").FullName;
    private readonly SteppedTime _time = new();

    private LocalProviderSettings Settings => new() { Directory = Path.Combine(_root, "instances"), HourlyPrice = 0.02m };

    private LocalProvider NewProvider() => new(Settings, _time);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task Many_creates_of_one_name_provision_one_instance_and_a_new_provider_finds_it()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewProvider().CreateAsync(Spec("w-a", Ours), None)));

        created.Select(instance => instance.Id).Distinct().ShouldHaveSingleItem();
        var listed = (await NewProvider().ListAsync(Ours, None)).ShouldHaveSingleItem();
        listed.Name.ShouldBe("w-a");
        listed.CreatedAt.ShouldBe(_time.GetUtcNow());
        listed.HourlyPrice.ShouldBe(0.02m);
        Ours.Owns(listed).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(Settings.Directory).ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task Anothers_instance_is_listed_as_foreign_and_its_name_is_a_conflict()
    {
        var provider = NewProvider();
        await provider.CreateAsync(Spec("w-a", Theirs), None);

        (await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(Spec("w-a", Ours), None))).Kind
            .ShouldBe(CloudErrorKind.Conflict);
        Ours.IsForeign((await provider.ListAsync(Ours, None)).ShouldHaveSingleItem()).ShouldBeTrue();
    }

    [Fact]
    public async Task An_instance_answers_after_its_boot_time_only()
    {
        var provider = NewProvider();
        var connector = new LocalConnector(Settings, ["/bin/true"], "http://localhost/", time: _time);
        var instance = await provider.CreateAsync(Spec("w-a", Ours), None);
        var endpoint = new WorkerEndpoint("w-a", instance.Id.Value, [], null);
        instance.Status.ShouldBe(InstanceStatus.Starting);

        (await Should.ThrowAsync<SessionException>(() => connector.ConnectAsync(endpoint, None))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
        _time.Step(Settings.BootTime);

        (await provider.GetAsync(instance.Id, None))!.Status.ShouldBe(InstanceStatus.Running);
        await using var session = await connector.ConnectAsync(endpoint, None);
        (await session.CheckReadyAsync(None)).Ready.ShouldBeTrue();
        (await session.ExecAsync("pwd; echo $HOME", None)).Output.Split('\n').Take(2).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task Deleting_ends_every_process_and_a_second_delete_is_a_success()
    {
        var (runner, seen) = FakeRunner.Write(_root, "trap '' TERM; while :; do sleep 0.05; done");
        var settings = Settings with { BootTime = TimeSpan.Zero, RunnerCommand = ["/bin/sh", runner] };
        var provider = new LocalProvider(settings);
        var instance = await provider.CreateAsync(Spec("w-a", Ours), None);
        await using var session = await new LocalConnector(settings, [], "http://localhost/").ConnectAsync(
            new WorkerEndpoint("w-a", instance.Id.Value, [], null), None);
        await session.StartAsync(DispatchBench.Launch(), None);
        var pids = Path.Combine(seen, "pids");
        await DispatchBench.WrittenAsync(pids);
        var pid = int.Parse((await File.ReadAllTextAsync(pids)).Trim());

        await provider.DeleteAsync(instance.Id, "another-name", None);
        DispatchBench.Lives(pid).ShouldBeTrue();
        await provider.DeleteAsync(instance.Id, "w-a", None);

        DispatchBench.Lives(pid).ShouldBeFalse();
        (await provider.GetAsync(instance.Id, None)).ShouldBeNull();
        await provider.DeleteAsync(instance.Id, "w-a", None);
        (await session.Lost.WaitAsync(TimeSpan.FromMinutes(2))).ShouldContain("is gone");
        (await Should.ThrowAsync<SessionException>(() => session.InspectAsync(None))).Kind.ShouldBe(SessionErrorKind.Unreachable);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../instances")]
    [InlineData("/etc")]
    [InlineData("")]
    public async Task An_id_is_no_path(string id) => (await NewProvider().GetAsync(new InstanceId(id), None)).ShouldBeNull();

    [Fact]
    public void Billing_follows_the_step()
    {
        NewProvider().Billing.ShouldBe(BillingModel.Hourly);
        (Settings with { BillingStep = TimeSpan.FromMinutes(1) }).Billing.Granularity.ShouldBe(TimeSpan.FromMinutes(1));
        (Settings with { BillingStep = TimeSpan.FromSeconds(1) }).Billing.ShouldBe(BillingModel.PerSecond);
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task Processes_of_an_instance_do_not_inherit_the_daemons_secrets()
    {
        Environment.SetEnvironmentVariable("FJB_TEST_FORGEJO_TOKEN", "hush-hush");
        await using var shell = new LocalShell(_root);

        (await shell.RunAsync("env", new Secret(""), None)).Output.ShouldNotContain("hush-hush");
    }

    private static InstanceSpec Spec(string name, Ownership ownership) => new(name, ownership, new Secret(""), []);

    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public void Step(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
