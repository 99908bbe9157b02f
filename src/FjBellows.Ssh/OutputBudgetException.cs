namespace FjBellows.Ssh;

/// <summary>A worker sent more than anything that was asked of it can be.</summary>
internal sealed class OutputBudgetException(string message) : IOException(message);
