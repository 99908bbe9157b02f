namespace FjBellows.Daemon.Control.Api;

/// <summary>What became of <c>POST /api/v1/reload</c>. It is all or nothing.</summary>
/// <param name="Done">True when the file is in force.</param>
/// <param name="Message">What was done, or why nothing was.</param>
/// <param name="Changed">The keys that changed.</param>
/// <param name="Refused">Of these, the keys that need a restart, or what is wrong with the file; empty when the file is in force.</param>
public sealed record ReloadInfo(bool Done, string Message, IReadOnlyList<string> Changed, IReadOnlyList<string> Refused);
