using FjBellows.Dispatch;
using FjBellows.Providers;

namespace FjBellows.Daemon.Providers;

/// <summary>A provider and the way to its workers.</summary>
/// <param name="Cloud">Where instances come from, with its optional parts: <c>fj-bellows check</c> asks
/// <see cref="CloudParts.Account"/>.</param>
/// <param name="Connector">How they are reached.</param>
internal sealed record ProviderParts(ICloudProvider Cloud, IWorkerConnector Connector);
