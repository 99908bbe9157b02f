namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/explain/job/{id}</c> and <c>/explain/worker/{name}</c>: why something is as it is.</summary>
/// <param name="Subject">What is explained, such as <c>job 17</c>.</param>
/// <param name="Now">How it stands now, one sentence for each pool that knows it.</param>
/// <param name="Job">The job; null when no pool knows it now or a worker is explained.</param>
/// <param name="Worker">The worker; null when it does not exist now or a job is explained.</param>
/// <param name="Past">What was decided about it, oldest first.</param>
public sealed record ExplainInfo(
    string Subject, IReadOnlyList<string> Now, JobInfo? Job, WorkerInfo? Worker, IReadOnlyList<EventInfo> Past);
