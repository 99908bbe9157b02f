using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Clouds;

internal sealed record LinodeFakeReply(int Status, string Body, TimeSpan? RetryAfter = null)
{
    public bool IsJson => !Body.StartsWith('<');

    public static LinodeFakeReply Ok(JsonNode body) => new(200, body.ToJsonString());

    public static LinodeFakeReply Empty { get; } = new(200, "{}");

    public static LinodeFakeReply NotFound { get; } = Error(404, "Not found");

    public static LinodeFakeReply Error(int status, string reason, string? field = null)
    {
        if (reason.StartsWith('<'))
        {
            return new LinodeFakeReply(status, reason);
        }

        var error = new JsonObject { ["reason"] = reason };
        if (field is not null)
        {
            error["field"] = field;
        }

        return new LinodeFakeReply(status, new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString());
    }
}
