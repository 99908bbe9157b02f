using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>One worker to provision.</summary>
/// <param name="Job">A job without a worker; null when it is provisioned for the reserve.</param>
internal sealed record PlannedProvision(QueuedJob? Job, ProvisionReason Reason);
