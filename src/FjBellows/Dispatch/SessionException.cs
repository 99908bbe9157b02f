namespace FjBellows.Dispatch;

/// <summary>Why a worker could not be reached or did not do what it was asked.</summary>
public enum SessionErrorKind
{
    /// <summary>Nothing answered, or the connection was lost: it may work again by itself.</summary>
    Unreachable,

    /// <summary>The mechanism itself proves that the worker is not there or does not run: more than a link that is silent.</summary>
    Gone,

    /// <summary>The host showed another key than the pinned one. No secret was sent (invariant S1).</summary>
    HostKeyMismatch,

    /// <summary>The host refused our key or user.</summary>
    AuthenticationFailed,

    /// <summary>The way back to Forgejo could not be opened (invariant S6).</summary>
    ForwardRefused,

    /// <summary>The worker answered that the runner could not be started.</summary>
    LaunchFailed,

    /// <summary>The worker answered, but did not do what it was asked; the message holds what it said.</summary>
    CommandFailed,

    /// <summary>Something on our side is wrong: a key file, a document that is too large.</summary>
    Misconfigured,
}

/// <summary>A failure between the daemon and a worker. The message never holds a secret.</summary>
public sealed class SessionException : Exception
{
    /// <summary>A failure with its cause.</summary>
    /// <param name="kind">What sort of failure.</param>
    /// <param name="message">A sentence for the operator.</param>
    /// <param name="innerException">The cause, if any.</param>
    public SessionException(SessionErrorKind kind, string message, Exception? innerException = null)
        : base(OutsideText.CleanLines(message, OutsideText.MessageLimit), innerException) => Kind = kind;

    /// <summary>What sort of failure.</summary>
    public SessionErrorKind Kind { get; }
}
