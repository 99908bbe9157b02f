using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Forge;

/// <summary>A job's <c>strategy.matrix</c>.</summary>
internal static class WorkflowMatrix
{
    /// <summary>Every combination in the order in which Forgejo counts them, after <c>exclude</c> and <c>include</c>; one empty
    /// combination where there is no matrix.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Combine(JsonObject? matrix)
    {
        var all = new List<Dictionary<string, string>> { new() };
        if (matrix is null)
        {
            return all;
        }

        foreach (var (key, values) in matrix.Where(m => m.Key is not ("include" or "exclude")))
        {
            var list = values is JsonArray many ? many.Select(v => v?.ToString() ?? "").ToArray() : [values?.ToString() ?? ""];
            all = all.SelectMany(c => list.Select(v => new Dictionary<string, string>(c) { [key] = v })).ToList();
        }

        foreach (var excluded in Entries(matrix["exclude"]))
        {
            all.RemoveAll(c => excluded.All(e => c.GetValueOrDefault(e.Key) == e.Value));
        }

        var originals = all.ConvertAll(c => c.Keys.ToHashSet(StringComparer.Ordinal));
        foreach (var included in Entries(matrix["include"]))
        {
            var extended = all.Where((c, i) => i < originals.Count && originals[i].Count > 0
                && included.All(e => !originals[i].Contains(e.Key) || c[e.Key] == e.Value)).ToArray();
            foreach (var combination in extended)
            {
                foreach (var (key, value) in included)
                {
                    combination[key] = value;
                }
            }

            if (extended.Length == 0)
            {
                all.Add(included);
            }
        }

        return all.Count > 1 ? all.FindAll(c => c.Count > 0) : all;
    }

    /// <summary>Puts the combination's values in place of <c>${{ matrix.key }}</c>.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> matrix)
    {
        foreach (var (key, value) in matrix)
        {
            text = text.Replace($"${{{{ matrix.{key} }}}}", value, StringComparison.Ordinal)
                .Replace($"${{{{matrix.{key}}}}}", value, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>A matrix of this one combination, as the runner gets it.</summary>
    public static JsonObject Single(IReadOnlyDictionary<string, string> combination) =>
        new(combination.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, new JsonArray(JsonValue.Create(c.Value)))));

    private static IEnumerable<Dictionary<string, string>> Entries(JsonNode? node) => node is JsonArray list
        ? list.OfType<JsonObject>().Select(o => o.ToDictionary(p => p.Key, p => p.Value?.ToString() ?? ""))
        : [];
}
