namespace FjBellows.Simulation.Tests;

/// <summary>A history that keeps every record it was ever given, repetitions included.</summary>
internal sealed class RecordingHistory(Func<object?, string?> refusal) : IPoolHistory
{
    /// <summary>Outcomes in the order of their coming.</summary>
    public List<DispatchOutcome> Outcomes { get; } = [];

    /// <summary>Ledgers in the order of their coming.</summary>
    public List<WorkerLedger> Ledgers { get; } = [];

    public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken) => Keep(Outcomes, outcome);

    public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken) => Keep(Ledgers, ledger);

    public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DispatchOutcome>>(Outcomes);

    public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerLedger>>(Ledgers);

    public Task ProbeAsync(CancellationToken cancellationToken) =>
        refusal(null) is { } why ? Task.FromException(new HistoryRefusedException(HistoryRefusal.Connection, why)) : Task.CompletedTask;

    public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What PostgreSQL says to a text that it cannot keep; null to one that it can.</summary>
    public static string? RefusedText(object? record) => record switch
    {
        DispatchOutcome o => Refused(o.Detail) ?? Refused(o.Assignment.Job.Name),
        WorkerLedger l => Refused(l.Why) ?? Refused(l.End),
        _ => null,
    };

    private static string? Refused(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? "22021: invalid byte sequence for encoding \"UTF8\": 0x00"
        : text.Length > 1024 * 1024 ? "54000: text is too long"
        : HasLoneSurrogate(text) ? "22P05: unsupported Unicode escape sequence"
        : null;

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private Task Keep<T>(List<T> records, T record)
    {
        if (refusal(record) is { } why)
        {
            return Task.FromException(RefusedText(record) is null
                ? new HistoryRefusedException(HistoryRefusal.Connection, why)
                : new HistoryRefusedException(HistoryRefusal.Content, why));
        }

        records.Add(record);
        return Task.CompletedTask;
    }
}
