namespace FjBellows.Dispatch;

/// <summary>Who vouches for an exit code.</summary>
public enum ExitSource
{
    /// <summary>A file on the worker, which a job of the same user can write.</summary>
    File,

    /// <summary>The worker's service manager, out of reach of a job that is not root.</summary>
    Unit,
}
