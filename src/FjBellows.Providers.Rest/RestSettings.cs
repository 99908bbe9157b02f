using System.Net.Http.Headers;

namespace FjBellows.Providers.Rest;

/// <summary>What is the same for every call to one cloud.</summary>
public sealed record RestSettings
{
    /// <summary>The vendor's name as people write it, for messages.</summary>
    public required string Vendor { get; init; }

    /// <summary>The API's base, with its version.</summary>
    public required Uri Url { get; init; }

    /// <summary>The bearer token.</summary>
    public required Secret Token { get; init; }

    /// <summary>How long one request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The largest answer that is read, in bytes (invariant S11).</summary>
    public int LargestAnswer { get; init; } = 4 * 1024 * 1024;

    /// <summary>Reads what the vendor says of a request that it did not carry out.</summary>
    public required Func<RestAnswer, RestRefusal> Refusal { get; init; }

    /// <summary>Takes the headers of every answer, for what a vendor says in them.</summary>
    public Action<HttpResponseHeaders> OnAnswer { get; init; } = _ => { };

    /// <summary>What the operator can do about a kind of failure; empty where there is nothing to add.</summary>
    public Func<CloudErrorKind, string> Advice { get; init; } = _ => "";
}
