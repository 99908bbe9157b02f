using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>A Forgejo without jobs and a cloud without instances.</summary>
internal sealed class QuietWorld : IJobQueue, IRunnerRegistry, ICloudProvider, IWorkerConnector
{
    public string Name => "quiet";

    public BillingModel Billing => BillingModel.PerSecond;

    public ProviderCapabilities Capabilities { get; } = new(0, AcceptsGzip: false);

    Task<IReadOnlyList<QueuedJob>> IJobQueue.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<QueuedJob>>([]);

    Task<IReadOnlyList<RegisteredRunner>> IRunnerRegistry.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredRunner>>([]);

    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Instance>>([]);

    public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) => Task.FromResult<RegisteredRunner?>(null);

    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => Task.FromResult<Instance?>(null);

    public Task DeleteAsync(long id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken) => throw Unasked();

    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) => throw Unasked();

    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => throw Unasked();

    public Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken) => throw Unasked();

    private static InvalidOperationException Unasked() => new("a pool without jobs buys no worker");
}
