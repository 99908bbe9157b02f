namespace FjBellows.Sandbox.Virtual;

/// <summary>How runners reach Forgejo.</summary>
public enum RunnerReach
{
    /// <summary>By themselves, whether or not a daemon lives.</summary>
    Direct,

    /// <summary>Through the daemon's connection to their worker, and only while it stands.</summary>
    Tunnel,
}
