namespace FjBellows.Providers;

/// <summary>Why a cloud did not do as asked, in the terms that decide what happens next (invariant R2). What it says nothing about is
/// whether the request took effect: that is <see cref="CloudException.MayHaveTakenEffect"/>.</summary>
public enum CloudErrorKind
{
    /// <summary>A time-out, a lost connection, a 5xx, a service that cannot be reached: worth another try.</summary>
    Transient,

    /// <summary>429: too many requests.</summary>
    RateLimited,

    /// <summary>The cloud has no such machine to give, in any region or type configured.</summary>
    CapacityOut,

    /// <summary>The account may not own more.</summary>
    QuotaExceeded,

    /// <summary>The request is wrong and stays wrong until the configuration changes.</summary>
    InvalidConfig,

    /// <summary>The token is refused or lacks a permission.</summary>
    Auth,

    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>The name is taken, or the instance is locked or in transition.</summary>
    Conflict,
}

/// <summary>A call to a cloud that failed. The message says what was asked, what came back and what to do; it never holds a
/// secret.</summary>
public sealed class CloudException : Exception
{
    /// <summary>A failure with all that is known of it.</summary>
    /// <param name="kind">What sort of failure.</param>
    /// <param name="message">A sentence for the operator.</param>
    /// <param name="retryAfter">How long the cloud asked to wait.</param>
    /// <param name="innerException">The cause, if any.</param>
    /// <param name="mayHaveTakenEffect">Whether the request may have been carried out all the same; when null, what is usual for the kind:
    /// yes for <see cref="CloudErrorKind.Transient"/> and <see cref="CloudErrorKind.Conflict"/>, no for the others.</param>
    public CloudException(
        CloudErrorKind kind, string message, TimeSpan? retryAfter = null, Exception? innerException = null, bool? mayHaveTakenEffect = null)
        : base(OutsideText.CleanLines(message, OutsideText.MessageLimit), innerException)
    {
        Kind = kind;
        RetryAfter = retryAfter;
        MayHaveTakenEffect = mayHaveTakenEffect ?? kind is CloudErrorKind.Transient or CloudErrorKind.Conflict;
    }

    /// <summary>What sort of failure.</summary>
    public CloudErrorKind Kind { get; }

    /// <summary>How long to wait at least, where the answer said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when a create that failed this way may have made an instance all the same, so that it must be looked up by name before
    /// another one is created.</summary>
    public bool MayHaveTakenEffect { get; }
}
