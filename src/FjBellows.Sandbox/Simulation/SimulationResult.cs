using FjBellows.Billing;
using FjBellows.Costs;

namespace FjBellows.Sandbox.Simulation;

/// <summary>What a simulated pool did.</summary>
/// <param name="Outcomes">Its dispatches, in the order of their ends; they count as seen when their jobs came.</param>
/// <param name="Ledgers">Its workers, in the order of their ends.</param>
/// <param name="Billing">How the cloud billed.</param>
public sealed record SimulationResult(IReadOnlyList<DispatchOutcome> Outcomes, IReadOnlyList<WorkerLedger> Ledgers, BillingModel Billing)
{
    /// <summary>What it cost.</summary>
    public CostReport Cost() => CostReport.Of(Outcomes, Ledgers, Billing);
}
