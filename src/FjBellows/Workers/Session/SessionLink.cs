using FjBellows.Dispatch;

namespace FjBellows.Workers.Session;

/// <summary>How a session stands to its worker. Only the session has and changes it; the worker sees reports.</summary>
internal abstract record SessionLink
{
    private SessionLink()
    {
    }

    /// <summary>The open connection; null while there is none.</summary>
    public virtual IWorkerSession? Connection => null;

    /// <summary>A connection attempt is under way.</summary>
    internal sealed record Connecting : SessionLink;

    /// <summary>Connected with the pinned key; whether the worker can take a job is not known.</summary>
    /// <param name="Way">The connection.</param>
    /// <param name="Checking">True while that is asked.</param>
    internal sealed record Attached(IWorkerSession Way, bool Checking) : SessionLink
    {
        /// <inheritdoc />
        public override IWorkerSession? Connection => Way;
    }

    /// <summary>Connected, and the worker has proven that it can take a job.</summary>
    /// <param name="Way">The connection.</param>
    internal sealed record Proven(IWorkerSession Way) : SessionLink
    {
        /// <inheritdoc />
        public override IWorkerSession? Connection => Way;
    }

    /// <summary>The connection was lost; the next attempt comes after a while.</summary>
    internal sealed record Lost : SessionLink;
}
