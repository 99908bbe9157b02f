using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>A worker's new state. Published on the actor system's event stream with each change; how a dispatch ended
/// (<see cref="DispatchOutcome"/>) and the ledger of a worker (<see cref="WorkerLedger"/>) are published there too.</summary>
/// <param name="View">The state.</param>
public sealed record WorkerChanged(string Pool, WorkerView View);
