using FjBellows.Dispatch;
using FjBellows.Journal;

namespace FjBellows.Daemon.Hosting.Fence;

/// <summary>The way to workers, which starts, signals and cleans nothing while another daemon may decide for the pool (invariant O5).
/// Connections that exist stay, and running jobs are followed.</summary>
/// <param name="connector">The way.</param>
/// <param name="lease">Says whether this daemon may act.</param>
internal sealed class FencedConnector(IWorkerConnector connector, PoolLease lease) : IWorkerConnector
{
    /// <summary>What operators read.</summary>
    internal const string Why =
        "the database lock of this pool is not held at the moment, and another daemon may have it; nothing was done";

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => connector.SeedAsync(worker, cancellationToken);

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        Check(lease);
        return new Session(await connector.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false), lease);
    }

    private static void Check(PoolLease lease)
    {
        if (!lease.IsHeld)
        {
            throw new SessionException(SessionErrorKind.Unreachable, Why);
        }
    }

    private sealed class Session(IWorkerSession session, PoolLease lease) : IWorkerSession
    {
        public Task<string> Lost => session.Lost;

        public string? HostKey => session.HostKey;

        public Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken) => session.CheckReadyAsync(cancellationToken);

        public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken)
        {
            Check(lease);
            return session.StartAsync(launch, cancellationToken);
        }

        public Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken) =>
            session.FollowAsync(dispatch, log, cancellationToken);

        public Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken) =>
            session.InspectAsync(cancellationToken);

        public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken)
        {
            Check(lease);
            return session.SignalAsync(dispatch, signal, cancellationToken);
        }

        public Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken)
        {
            Check(lease);
            return session.CleanAsync(dispatch, cancellationToken);
        }

        public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken)
        {
            Check(lease);
            return session.ExecAsync(command, cancellationToken);
        }

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
