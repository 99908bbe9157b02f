using FjBellows.Billing;

namespace FjBellows.Pool;

/// <summary>What a prediction must know of how workers live.</summary>
/// <param name="Billing">How the cloud bills.</param>
/// <param name="HourMargin">How long before the end of a billing period an idle worker is drained.</param>
/// <param name="SingleUse">True when a worker ends with its first job.</param>
internal sealed record WorkerTerms(BillingModel Billing, TimeSpan HourMargin, bool SingleUse);
