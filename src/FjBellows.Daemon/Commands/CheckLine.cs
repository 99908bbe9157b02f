using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Commands;

/// <summary>One thing that <c>fj-bellows check</c> looked at.</summary>
/// <param name="Level">How it stands.</param>
/// <param name="Subject">What was looked at: <c>config</c>, <c>ssh key</c>, <c>forgejo</c>.</param>
/// <param name="Message">What was found.</param>
/// <param name="Fix">What to do; empty where nothing needs to be done.</param>
/// <param name="Place">Where it stands in the configuration, null where it does not.</param>
internal sealed record CheckLine(Severity Level, string Subject, string Message, string Fix = "", string? Place = null);
