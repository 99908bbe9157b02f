namespace FjBellows.Providers;

/// <summary>Why a cloud did not do as asked, in the words that decide what happens next (invariant R2).</summary>
public enum CloudErrorKind
{
    /// <summary>A time-out, a lost connection, a 5xx: whether the request took effect is not known.</summary>
    Transient,

    /// <summary>429: nothing was done.</summary>
    RateLimited,

    /// <summary>The cloud has no such machine to give, in any region or type configured: nothing was bought.</summary>
    CapacityOut,

    /// <summary>The account may not own more: nothing was bought.</summary>
    QuotaExceeded,

    /// <summary>The request is wrong and will stay wrong until the configuration changes: nothing was bought.</summary>
    InvalidConfig,

    /// <summary>The token is refused or lacks a permission: nothing was done.</summary>
    Auth,

    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>The name is taken, or the instance is locked or in transition.</summary>
    Conflict,
}

/// <summary>A call to a cloud that failed. The message says what was asked, what came back and what to do; it never holds a secret.</summary>
public sealed class CloudException : Exception
{
    /// <summary>A failure with all that is known of it.</summary>
    /// <param name="kind">What sort of failure.</param>
    /// <param name="message">A sentence for the operator.</param>
    /// <param name="retryAfter">How long the cloud asked to wait.</param>
    /// <param name="innerException">The cause, if any.</param>
    public CloudException(CloudErrorKind kind, string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(OutsideText.CleanLines(message, OutsideText.MessageLimit), innerException)
    {
        Kind = kind;
        RetryAfter = retryAfter;
    }

    /// <summary>What sort of failure.</summary>
    public CloudErrorKind Kind { get; }

    /// <summary>How long to wait at least, where the answer said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when a create that failed this way may have bought an instance all the same, so that it must be looked for by name.</summary>
    public bool MayHaveTakenEffect => Kind is CloudErrorKind.Transient or CloudErrorKind.Conflict;
}
