
namespace FjBellows.Ledger;

/// <summary>Where ended dispatches and workers are remembered for <c>history.retention</c>. Appending the same record twice keeps one:
/// the pool repeats what it is not sure of. Every call that the store refuses throws <see cref="HistoryRefusedException"/>, which says
/// whether the record, the connection or another writer is the cause.</summary>
public interface IPoolHistory
{
    /// <summary>Keeps a dispatch's outcome; its key is <see cref="DispatchOutcome.Assignment"/>'s dispatch.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken);

    /// <summary>Keeps a worker's ledger; its key is pool and worker.</summary>
    /// <param name="ledger">The entry.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken);

    /// <summary>The outcomes of a pool that ended at or after a moment, oldest first.</summary>
    /// <param name="since">The moment.</param>
    /// <param name="limit">The most to return; the newest are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>The workers of a pool that were gone at or after a moment, oldest first.</summary>
    /// <param name="since">The moment.</param>
    /// <param name="limit">The most to return; the newest are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<WorkerLedger>> LedgersAsync(string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>Writes and takes back one small record where the journal is kept, to know before something depends on it that it can be
    /// written: a journal that refuses the pool ends its actor, and with it every connection (invariant R5).</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Forgets everything that ended before a moment.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Says why the actor system's journal, which is in the same store, refused an event.</summary>
    /// <param name="failure">What the journal reported.</param>
    /// <returns>The failure by cause; <see cref="HistoryRefusal.Connection"/> where the store does not know better.</returns>
    HistoryRefusedException Explain(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure as HistoryRefusedException ?? new HistoryRefusedException(HistoryRefusal.Connection, failure.Message, failure);
    }
}
