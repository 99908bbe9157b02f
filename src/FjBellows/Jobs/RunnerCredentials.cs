namespace FjBellows.Jobs;

/// <summary>A fresh registration (<c>POST …/actions/runners</c>).</summary>
/// <param name="Id">Forgejo's id of the runner.</param>
/// <param name="Uuid">The uuid the runner process names itself by.</param>
/// <param name="Token">The runner's token; shown once, never stored by us.</param>
public sealed record RunnerCredentials(long Id, string Uuid, Secret Token);
