using FjBellows.Jobs;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>Forgejo, its calls timed.</summary>
/// <param name="runners">The registrations.</param>
/// <param name="metrics">Takes the times.</param>
internal sealed class MeasuredForgejo(IJobQueue queue, IRunnerRegistry runners, ControlMetrics metrics) : IJobQueue, IRunnerRegistry
{
    private readonly CallTimer _timer = new(metrics, "forgejo");

    Task<IReadOnlyList<QueuedJob>> IJobQueue.ListAsync(CancellationToken cancellationToken) =>
        _timer.RunAsync("jobs", () => queue.ListAsync(cancellationToken));

    Task<RunnerCredentials> IRunnerRegistry.RegisterAsync(string name, string description, CancellationToken cancellationToken) =>
        _timer.RunAsync("register", () => runners.RegisterAsync(name, description, cancellationToken));

    Task<IReadOnlyList<RegisteredRunner>> IRunnerRegistry.ListAsync(CancellationToken cancellationToken) =>
        _timer.RunAsync("runners", () => runners.ListAsync(cancellationToken));

    Task<RegisteredRunner?> IRunnerRegistry.GetAsync(long id, CancellationToken cancellationToken) =>
        _timer.RunAsync("runner", () => runners.GetAsync(id, cancellationToken));

    Task IRunnerRegistry.DeleteAsync(long id, CancellationToken cancellationToken) =>
        _timer.RunAsync("unregister", () => runners.DeleteAsync(id, cancellationToken));
}
