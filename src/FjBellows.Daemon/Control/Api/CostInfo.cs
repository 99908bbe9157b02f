namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/cost</c>: what one pool was billed today (UTC), against the least. Workers and jobs that are still there count
/// as if they ended now; a billing period counts on the day on which it began.</summary>
/// <param name="Jobs">Jobs that came on it and ran.</param>
/// <param name="BilledSeconds">Time billed.</param>
/// <param name="BusySeconds">Time in which jobs ran.</param>
/// <param name="LeastBilledSeconds">The least that could have been billed, had each job started at once.</param>
/// <param name="Ratio">Time billed against the least; null where the least is nothing.</param>
/// <param name="Money">What it costs; null where a price is not known.</param>
public sealed record CostInfo(
    string Pool, DateOnly Day, int Jobs, double BilledSeconds, double BusySeconds, double LeastBilledSeconds, double? Ratio,
    decimal? Money);
