using System.IO.Compression;
using System.Text.Json.Nodes;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>Recorded exchanges with real servers, from the files below <c>Recordings</c>.</summary>
internal static class Recording
{
    public static IReadOnlyList<RestExchange> Rest(string release) =>
        [.. JsonNode.Parse(File.ReadAllText(PathOf(release, "rest.json")))!.AsArray().Select(e => new RestExchange(e!.AsObject()))];

    public static JsonObject Lists(string release) => JsonNode.Parse(File.ReadAllText(PathOf(release, "lists.json")))!.AsObject();

    public static IReadOnlyList<RunnerCall> Calls(string release, string file) =>
        [.. File.ReadLines(PathOf(release, file)).Select(l => new RunnerCall(JsonNode.Parse(l)!.AsObject()))];

    private static string PathOf(string release, string file) =>
        Path.Combine(AppContext.BaseDirectory, "Forgejo", "Recordings", release, file);
}

internal sealed class RestExchange(JsonObject row)
{
    public string Name => row["name"]!.GetValue<string>();

    public HttpMethod Method => new(row["request"]!["method"]!.GetValue<string>());

    public string Path => row["request"]!["path"]!.GetValue<string>();

    /// <summary>token, Bearer, cookie, or null for none.</summary>
    public string? Authorization => row["request"]!["authorization"]?.GetValue<string>();

    public string? Range => row["request"]!["headers"]?[nameof(Range)]?.GetValue<string>();

    /// <summary>The body sent, as text; null for none.</summary>
    public string? Sent => row["request"]!["body"] switch
    {
        null => null,
        JsonValue text => text.GetValue<string>(),
        var json => json.ToJsonString(),
    };

    public int Status => row["status"]!.GetValue<int>();

    public JsonObject Headers => row["headers"]!.AsObject();

    /// <summary>The answer's body: JSON, or text.</summary>
    public JsonNode? Body => row["body"];

    /// <summary>The answer as it came, or as near to it as the file tells.</summary>
    public string Answer => row["body_text"]?.GetValue<string>() ?? Body switch
    {
        null => "",
        JsonValue text when text.GetValueKind() == System.Text.Json.JsonValueKind.String => text.GetValue<string>(),
        var json => json.ToJsonString(),
    };

    public override string ToString() => $"{Name}: {Method} {Path}";
}

internal sealed class RunnerCall(JsonObject row)
{
    public string Call => row["request"]!["path"]!.GetValue<string>().Split('/')[^1];

    public string Uuid => Header("X-Runner-Uuid")!;

    public string? RequestKey => Header("X-Runner-Request-Key");

    public byte[] Sent => Convert.FromBase64String(row["request"]!["body_base64"]!.GetValue<string>());

    public int Status => row["status"]!.GetValue<int>();

    public byte[] Answer
    {
        get
        {
            var bytes = Convert.FromBase64String(row["body_base64"]!.GetValue<string>());
            if (row["headers"]!["Content-Encoding"]?.GetValue<string>() != "gzip")
            {
                return bytes;
            }

            using var unpacked = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
            return unpacked.ToArray();
        }
    }

    private string? Header(string name) => row["request"]!["headers"]![name]?.GetValue<string>();
}
