namespace FjBellows.Ssh;

/// <summary>How a worker and its jobs reach Forgejo.</summary>
public enum ForgejoReach
{
    /// <summary>Through a tunnel of the worker's SSH connection: a job needs the daemon for as long as it runs.</summary>
    Tunnel,

    /// <summary>By themselves: jobs do not depend on the daemon.</summary>
    Direct,

    /// <summary>By themselves where the worker gets an answer from Forgejo over https, else through the tunnel. Asked at each
    /// connection.</summary>
    Auto,
}

/// <summary>Decides how a worker reaches Forgejo.</summary>
public static class ForgejoReachRule
{
    /// <summary>True when only the worker can tell. Plain http is never left to chance: through the tunnel no one between worker and daemon
    /// reads a runner's token.</summary>
    /// <param name="reach">What is configured.</param>
    /// <param name="forgejo">Forgejo's URL.</param>
    public static bool AsksWorker(ForgejoReach reach, Uri forgejo)
    {
        ArgumentNullException.ThrowIfNull(forgejo);
        return reach == ForgejoReach.Auto && forgejo.Scheme == Uri.UriSchemeHttps;
    }

    /// <summary>True when the worker goes by itself, false for the tunnel.</summary>
    /// <param name="reach">What is configured.</param>
    /// <param name="answered">What the worker found; null where it was not asked.</param>
    public static bool IsDirect(ForgejoReach reach, bool? answered) => reach == ForgejoReach.Direct
        || (reach == ForgejoReach.Auto && answered == true);
}
