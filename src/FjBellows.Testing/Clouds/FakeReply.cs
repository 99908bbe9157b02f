using System.Text.Json.Nodes;

namespace FjBellows.Testing.Clouds;

/// <summary>An answer of a fake cloud.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body; one that begins with &lt; goes out as HTML.</param>
/// <param name="Headers">Further headers.</param>
public sealed record FakeReply(int Status, string Body, params (string Name, string Value)[] Headers)
{
    /// <summary>An answer in JSON.</summary>
    /// <param name="status">The status code.</param>
    public static FakeReply Json(int status, JsonNode body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new FakeReply(status, body.ToJsonString());
    }

    /// <summary>An answer without a body.</summary>
    public static FakeReply Empty { get; } = new(204, "");

    /// <summary>What a proxy answers for a host that it does not know.</summary>
    public static FakeReply ProxysNotFound { get; } = new(404, "<html><h1>no such host</h1></html>");
}
