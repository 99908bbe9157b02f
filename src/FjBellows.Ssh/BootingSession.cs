using FjBellows.Dispatch;

namespace FjBellows.Ssh;

/// <summary>A session to a worker whose bootstrap is not through: it has no tunnel, so it starts no job. When the bootstrap is through the
/// connection has to be made again, since sshd gives a connection the configuration of its beginning.</summary>
internal sealed class BootingSession(IWorkerSession inner, string worker) : IWorkerSession
{
    /// <inheritdoc />
    public Task<string> Lost => inner.Lost;

    /// <inheritdoc />
    public string? HostKey => inner.HostKey;

    /// <inheritdoc />
    public async Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken)
    {
        var readiness = await inner.CheckReadyAsync(cancellationToken).ConfigureAwait(false);
        return readiness.Ready ? throw WithoutTunnel() : readiness;
    }

    /// <inheritdoc />
    public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken) => throw WithoutTunnel();

    /// <inheritdoc />
    public Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken) =>
        inner.FollowAsync(dispatch, log, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken) => inner.InspectAsync(cancellationToken);

    /// <inheritdoc />
    public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) =>
        inner.SignalAsync(dispatch, signal, cancellationToken);

    /// <inheritdoc />
    public Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken) => inner.CleanAsync(dispatch, cancellationToken);

    /// <inheritdoc />
    public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken) =>
        inner.ExecAsync(command, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private SessionException WithoutTunnel() =>
        new(SessionErrorKind.Unreachable, $"the bootstrap of worker {worker} has finished; the connection is made again for its tunnel");
}
