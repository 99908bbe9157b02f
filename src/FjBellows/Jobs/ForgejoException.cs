namespace FjBellows.Jobs;

/// <summary>Why Forgejo did not answer as asked, in the words that decide what happens next.</summary>
public enum ForgejoErrorKind
{
    /// <summary>No connection, a time-out, or a 5xx: it may work again by itself.</summary>
    Unreachable,

    /// <summary>401 or 403: the token is unknown, lacks a scope, or its account lacks the role.</summary>
    Unauthorized,

    /// <summary>404: the scope does not exist, Actions are off, or Forgejo is older than version 15.</summary>
    NotFound,

    /// <summary>429, from a proxy in front of Forgejo.</summary>
    RateLimited,

    /// <summary>An answer that is not what the API promises: HTML, truncated JSON, another shape.</summary>
    Malformed,

    /// <summary>Any other refusal, such as 422.</summary>
    Rejected,
}

/// <summary>A call to Forgejo that failed. The message says what was asked of which URL, what came back and what to do; it never holds a
/// token.</summary>
public sealed class ForgejoException : Exception
{
    /// <summary>A failure with all that is known of it.</summary>
    /// <param name="kind">What sort of failure.</param>
    /// <param name="message">A sentence for the operator.</param>
    /// <param name="retryAfter">How long Forgejo, or the proxy before it, asked to wait.</param>
    /// <param name="innerException">The cause, if any.</param>
    public ForgejoException(ForgejoErrorKind kind, string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(OutsideText.CleanLines(message, OutsideText.MessageLimit), innerException)
    {
        Kind = kind;
        RetryAfter = retryAfter;
    }

    /// <summary>What sort of failure.</summary>
    public ForgejoErrorKind Kind { get; }

    /// <summary>How long to wait at least, where the answer said so.</summary>
    public TimeSpan? RetryAfter { get; }
}
