namespace FjBellows.Pool;

/// <summary>One job for one worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Worker">The worker.</param>
internal sealed record PlannedDispatch(KnownJob Job, KnownWorker Worker);
