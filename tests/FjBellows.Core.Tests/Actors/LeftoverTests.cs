using FjBellows.Billing;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Tests.Actors;

/// <summary>Disks and the like, which a cloud keeps and bills when their instance is gone.</summary>
public sealed class LeftoverTests
{
    [Fact]
    [Trait("Invariant", "O8")]
    public void Disks_of_deleted_workers_are_swept_and_those_of_living_workers_and_of_others_stay()
    {
        CloudWithDisks? cloud = null;
        using var world = new World(BillingModel.PerSecond, around: (clock, inner) => cloud = new CloudWithDisks(inner)).Started();
        var foreign = new Disk("other", world.Ownership with { Owner = "fjb-0000000000000000" });
        cloud!.Disks.Add(foreign);
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.Until(() => cloud.Disks.Count == 2, what: "a worker with its disk");

        world.PassMinutes(15);
        cloud.Disks.Count.ShouldBe(2, "the worker runs its job");
        world.UntilQuiet();
        world.Until(() => cloud.Disks.Count == 1, what: "the disk of the deleted worker to be swept");

        cloud.Disks.ShouldBe([foreign]);
    }

    private sealed record Disk(string Worker, Ownership Owner);

    /// <summary>A virtual cloud that gives each machine a disk and leaves it behind.</summary>
    private sealed class CloudWithDisks(VirtualCloud cloud) : ICloudProvider, ILeftovers
    {
        public List<Disk> Disks { get; } = [];

        public string Name => cloud.Name;

        public BillingModel Billing => cloud.Billing;

        public ProviderCapabilities Capabilities => cloud.Capabilities;

        public CloudParts Parts => new() { Leftovers = this };

        public Task<int> SweepAsync(Ownership ownership, IReadOnlyCollection<string> liveNames, CancellationToken cancellationToken) =>
            Task.FromResult(Disks.RemoveAll(d => d.Owner == ownership && !liveNames.Contains(d.Worker)));

        public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
        {
            var created = await cloud.CreateAsync(spec, cancellationToken).ConfigureAwait(false);
            Disks.Add(new Disk(spec.Name, spec.Ownership));
            return created;
        }

        public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
            cloud.ListAsync(ownership, cancellationToken);

        public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => cloud.GetAsync(id, cancellationToken);

        public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
            cloud.DeleteAsync(id, name, cancellationToken);
    }
}
