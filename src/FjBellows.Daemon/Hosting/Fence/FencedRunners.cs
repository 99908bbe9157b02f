using FjBellows.Jobs;
using FjBellows.Journal;

namespace FjBellows.Daemon.Hosting.Fence;

/// <summary>Forgejo's registrations, which are not changed while another daemon may decide for the pool (invariant O5). Reading goes
/// on.</summary>
/// <param name="runners">The registrations.</param>
/// <param name="lease">Says whether this daemon may act.</param>
internal sealed class FencedRunners(IRunnerRegistry runners, PoolLease lease) : IRunnerRegistry
{
    /// <inheritdoc />
    public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken)
    {
        Check();
        return runners.RegisterAsync(name, description, cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<RegisteredRunner>> ListAsync(CancellationToken cancellationToken) => runners.ListAsync(cancellationToken);

    /// <inheritdoc />
    public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) => runners.GetAsync(id, cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(long id, CancellationToken cancellationToken)
    {
        Check();
        return runners.DeleteAsync(id, cancellationToken);
    }

    private void Check()
    {
        if (!lease.IsHeld)
        {
            throw new ForgejoException(ForgejoErrorKind.Unreachable, FencedConnector.Why);
        }
    }
}
