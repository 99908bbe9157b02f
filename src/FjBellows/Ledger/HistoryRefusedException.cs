namespace FjBellows.Ledger;

/// <summary>The store of the journal and the history refused a call. The message says what failed, where and what to do; it holds no
/// secret.</summary>
/// <param name="refusal">Why, as the caller must treat it.</param>
/// <param name="message">A sentence for the operator.</param>
/// <param name="innerException">The database's own failure, if any.</param>
public sealed class HistoryRefusedException(HistoryRefusal refusal, string message, Exception? innerException = null)
    : Exception(OutsideText.CleanLines(message, OutsideText.MessageLimit), innerException)
{
    /// <summary>Why, as the caller must treat it.</summary>
    public HistoryRefusal Refusal { get; } = refusal;
}
