namespace FjBellows.Daemon.Control;

/// <summary>Who may call an endpoint (invariant S9). An endpoint without one is <see cref="Read"/>.</summary>
internal enum AccessRule
{
    /// <summary>Everybody who reaches it: it tells nothing of jobs, workers or settings.</summary>
    Open,

    /// <summary>Everybody on this machine; elsewhere whoever shows the token.</summary>
    Read,

    /// <summary>Root and the daemon's user on the unix socket, and whoever shows the token; no one where writes are not enabled.</summary>
    Write,
}
