using System.Text.Json.Nodes;

namespace FjBellows.Testing.Clouds;

/// <summary>A request as a fake cloud reads it.</summary>
/// <param name="Path">The path below the API's base, without slashes at its ends.</param>
/// <param name="Query">The query's first value of each key.</param>
/// <param name="Body">The body; empty where there was none.</param>
public sealed record FakeRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, JsonObject Body)
{
    /// <summary>The path's segments.</summary>
    public string[] Segments { get; } = [.. Path.Split('/').Select(Uri.UnescapeDataString)];

    /// <summary>A text of the body; null where there is none.</summary>
    public string? Text(string key) => Body[key]?.GetValue<string>();

    /// <summary>A number of the query.</summary>
    /// <param name="otherwise">What counts where there is none.</param>
    public int Number(string key, int otherwise) => int.TryParse(Query.GetValueOrDefault(key), out var number) ? number : otherwise;
}
