using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>A history that keeps every record it was ever given, repetitions included.</summary>
internal sealed class RecordingHistory(Func<bool> fails) : IPoolHistory
{
    /// <summary>Outcomes in the order of their coming.</summary>
    public List<DispatchOutcome> Outcomes { get; } = [];

    /// <summary>Ledgers in the order of their coming.</summary>
    public List<WorkerLedger> Ledgers { get; } = [];

    public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken) => Keep(Outcomes, outcome);

    public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken) => Keep(Ledgers, ledger);

    public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DispatchOutcome>>(Outcomes);

    public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerLedger>>(Ledgers);

    public Task ProbeAsync(CancellationToken cancellationToken) =>
        fails() ? Task.FromException(new IOException("database is locked")) : Task.CompletedTask;

    public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => Task.CompletedTask;

    private Task Keep<T>(List<T> records, T record)
    {
        if (fails())
        {
            return Task.FromException(new IOException("database is locked"));
        }

        records.Add(record);
        return Task.CompletedTask;
    }
}
