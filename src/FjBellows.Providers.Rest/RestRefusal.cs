using System.Diagnostics.CodeAnalysis;

namespace FjBellows.Providers.Rest;

/// <summary>A cloud's answer to a request that it did not carry out. It is the inner exception of the <see cref="CloudException"/>, for
/// providers that must tell more apart than its kind.</summary>
/// <param name="kind">What it means.</param>
/// <param name="message">What the cloud said, for people.</param>
/// <param name="code">The vendor's own code; empty where it has none.</param>
/// <param name="mayHaveTakenEffect">Whether the request may have been carried out all the same; null for what is usual for the
/// kind.</param>
[SuppressMessage("Naming", "CA1710", Justification = "A refusal is what a cloud answers; it is never thrown, only kept as a cause.")]
public class RestRefusal(CloudErrorKind kind, string message, string code = "", bool? mayHaveTakenEffect = null) : Exception(message)
{
    /// <summary>What it means.</summary>
    public CloudErrorKind Kind { get; } = kind;

    /// <summary>The vendor's own code; empty where it has none.</summary>
    public string Code { get; } = code;

    /// <summary>Whether the request may have been carried out all the same; null for what is usual for the kind.</summary>
    public bool? MayHaveTakenEffect { get; } = mayHaveTakenEffect;
}
