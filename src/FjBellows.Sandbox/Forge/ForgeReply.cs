using System.Globalization;
using System.Text;

namespace FjBellows.Sandbox.Forge;

/// <summary>An answer, before it is written.</summary>
internal sealed record ForgeReply(int Status, string ContentType, byte[] Body)
{
    public static ForgeReply Nothing { get; } = new(204, "", []);

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public static ForgeReply Text(int status, string contentType, string body, TimeSpan? retryAfter = null) =>
        new(status, contentType, Encoding.UTF8.GetBytes(body))
        {
            Headers = retryAfter is { } wait
                ? [new("Retry-After", ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture))]
                : [],
        };
}
