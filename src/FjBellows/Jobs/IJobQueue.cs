namespace FjBellows.Jobs;

/// <summary>Forgejo's queue for one pool's scope and labels.</summary>
public interface IJobQueue
{
    /// <summary>Every waiting and running job of the scope that a runner with the pool's labels could run.</summary>
    /// <returns>The jobs in any order; empty when nothing waits.</returns>
    /// <exception cref="ForgejoException">The queue could not be read.</exception>
    Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken);
}
