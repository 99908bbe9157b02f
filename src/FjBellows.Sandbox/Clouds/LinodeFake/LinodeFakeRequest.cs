using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Clouds;

/// <summary>A request as the stand-in reads it.</summary>
/// <param name="Path">The path after the version, without slashes at its ends.</param>
/// <param name="Page">The page asked for.</param>
/// <param name="PageSize">Its size.</param>
/// <param name="Filter">The X-Filter header.</param>
internal sealed record LinodeFakeRequest(string Method, string Path, int Page, int PageSize, JsonObject? Filter, JsonObject Body)
{
    public string[] Segments { get; } = [.. Path.Split('/').Select(Uri.UnescapeDataString)];

    public long Id(int segment) => long.TryParse(Segments[segment], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;

    public string? Text(string key) => Body[key]?.GetValue<string>();

    /// <summary>One page of a collection, of what the filter lets through.</summary>
    public LinodeFakeReply PageOf(IEnumerable<JsonObject> all, bool ignoreFilter = false)
    {
        if (PageSize is < 25 or > 500)
        {
            return LinodeFakeReply.Error(400, "Must be 25-500", "page_size");
        }

        var matching = all.Where(o => ignoreFilter || Matches(o)).ToList();
        var pages = Math.Max(1, (matching.Count + PageSize - 1) / PageSize);
        if (Page < 1 || Page > pages)
        {
            return LinodeFakeReply.NotFound;
        }

        return LinodeFakeReply.Ok(new JsonObject
        {
            ["data"] = new JsonArray([.. matching.Skip((Page - 1) * PageSize).Take(PageSize)]),
            ["page"] = Page,
            ["pages"] = pages,
            ["results"] = matching.Count,
        });
    }

    private bool Matches(JsonObject candidate) =>
        Filter is null || Filter.Where(f => !f.Key.StartsWith('+')).All(f => candidate[f.Key] switch
        {
            JsonArray values => values.Any(v => v!.GetValue<string>() == f.Value!.GetValue<string>()),
            { } value => value.ToString() == f.Value!.ToString(),
            null => false,
        });
}
