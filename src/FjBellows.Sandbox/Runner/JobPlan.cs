using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Runner;

/// <summary>One step as the workflow writes it.</summary>
internal sealed record StepPlan(
    string Id, string Name, string? Run, string? Uses, string? Shell, string? WorkingDirectory, string If, Dictionary<string, string> Env,
    bool MayFail);

/// <summary>The one job of a task's payload.</summary>
internal sealed record JobPlan(
    string Key,
    string Name,
    string If,
    TimeSpan? Timeout,
    Dictionary<string, string> Env,
    Dictionary<string, string> Matrix,
    Dictionary<string, string> Outputs,
    IReadOnlyList<StepPlan> Steps)
{
    /// <summary>Reads a payload.</summary>
    /// <exception cref="FormatException">It is no workflow with exactly one job.</exception>
    public static JobPlan Read(string payload)
    {
        if (YamlText.Read(payload) is not JsonObject workflow || workflow["jobs"] is not JsonObject { Count: 1 } jobs)
        {
            throw new FormatException("the task's payload is no workflow with exactly one job");
        }

        var (key, body) = jobs.First();
        var job = body as JsonObject ?? throw new FormatException($"job '{key}' is no mapping");
        var env = Texts(workflow["env"]);
        foreach (var (name, value) in Texts(job["env"]))
        {
            env[name] = value;
        }

        var matrix = new Dictionary<string, string>();
        if ((job["strategy"] as JsonObject)?["matrix"] is JsonObject combination)
        {
            foreach (var (name, value) in combination)
            {
                matrix[name] = value is JsonArray { Count: > 0 } list ? Text(list[0]) ?? "" : Text(value) ?? "";
            }
        }

        var defaults = Defaults(job) ?? Defaults(workflow);
        var steps = new List<StepPlan>();
        foreach (var item in job["steps"] as JsonArray ?? [])
        {
            steps.Add(
                Step(item as JsonObject ?? throw new FormatException($"step {steps.Count + 1} of job '{key}' is no mapping"), defaults,
                    steps.Count));
        }

        TimeSpan? timeout = double.TryParse(Text(job["timeout-minutes"]), CultureInfo.InvariantCulture, out var minutes)
            ? TimeSpan.FromMinutes(minutes)
            : null;
        return new JobPlan(key, Text(job["name"]) ?? key, Text(job["if"]) ?? "", timeout, env, matrix, Texts(job["outputs"]), steps);
    }

    private static StepPlan Step(JsonObject step, JsonObject? defaults, int index)
    {
        var run = Text(step["run"]);
        var uses = Text(step["uses"]);
        var id = Text(step["id"]) ?? index.ToString(CultureInfo.InvariantCulture);
        var name = Text(step["name"]) ?? uses ?? run?.Split('\n')[0] ?? id;
        return new StepPlan(
            id, name, run, uses, Text(step["shell"]) ?? Text(defaults?["shell"]),
            Text(step["working-directory"]) ?? Text(defaults?["working-directory"]),
            Text(step["if"]) ?? "", Texts(step["env"]), Text(step["continue-on-error"]) == "true");
    }

    private static JsonObject? Defaults(JsonObject owner) => (owner["defaults"] as JsonObject)?["run"] as JsonObject;

    private static Dictionary<string, string> Texts(JsonNode? node)
    {
        var texts = new Dictionary<string, string>();
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            texts[name] = Text(value) ?? "";
        }

        return texts;
    }

    private static string? Text(JsonNode? node) => node?.ToString();
}
