namespace FjBellows.Pool;

/// <summary>What the pool sends itself about records on their way into the history: answers of the store, and what is to be stored
/// again.</summary>
internal static class RecordProtocol
{
    internal sealed record OutcomeKept(DispatchOutcome Outcome);

    internal sealed record LedgerKept(WorkerLedger Ledger);

    internal sealed record OutcomeRefused(DispatchOutcome Outcome, HistoryRefusedException Error);

    internal sealed record LedgerRefused(WorkerLedger Ledger, HistoryRefusedException Error);

    /// <summary>Store an outcome again.</summary>
    internal sealed record KeepOutcome(DispatchOutcome Outcome);

    /// <summary>Store a ledger again.</summary>
    internal sealed record KeepLedger(WorkerLedger Ledger);

    /// <summary>The store answered a probe; null where it was written.</summary>
    internal sealed record Probed(HistoryRefusedException? Error);
}
