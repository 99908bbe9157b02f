using FjBellows.Dispatch;

namespace FjBellows.Workers.Session;

/// <summary>The dispatch that a session follows, over as many connections as it takes.</summary>
/// <param name="Log">What of its log was taken so far.</param>
/// <param name="Running">True while a follow is under way on the present connection.</param>
/// <param name="Breaks">Follows in a row that broke off although the connection stands.</param>
internal sealed record Following(DispatchId Dispatch, RunnerLog Log, bool Running, int Breaks);
