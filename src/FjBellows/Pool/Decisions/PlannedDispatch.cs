namespace FjBellows.Pool;

/// <summary>One job for one worker.</summary>
internal sealed record PlannedDispatch(KnownJob Job, KnownWorker Worker);
