namespace FjBellows.Daemon.Control.Api;

/// <summary>Why a request was not answered.</summary>
/// <param name="Error">What is wrong.</param>
/// <param name="Fix">What to do; null where nothing can be said.</param>
public sealed record ErrorInfo(string Error, string? Fix = null);
