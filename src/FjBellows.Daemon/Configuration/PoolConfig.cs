using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Configuration;

/// <summary>One pool.</summary>
/// <param name="Settings">The pool's settings.</param>
/// <param name="Provider">Where its workers come from.</param>
internal sealed record PoolConfig(PoolSettings Settings, IProviderConfig Provider);
