using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FjBellows.Sandbox.Forge;

/// <summary>A workflow file that cannot be used; the message names file, line and column.</summary>
/// <param name="message">What is wrong and where.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class WorkflowException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A Forgejo workflow, taken apart into the jobs that its run puts on the queue: one for each job and each combination of its
/// matrix.</summary>
/// <param name="FileName">Where it came from.</param>
/// <param name="Name">Its <c>name</c>, else the file's.</param>
/// <param name="Jobs">Its jobs in the file's order, each with the single-job workflow a runner gets.</param>
public sealed record WorkflowFile(string FileName, string Name, IReadOnlyList<ForgeJobRequest> Jobs)
{
    // Written as JSON, which every YAML reader takes and our own runner reads faster.
    private static readonly JsonSerializerOptions PayloadStyle = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Homes = [".forgejo", ".gitea", ".github"];
    private static readonly string[] Carried = ["name", "on", "env", "defaults"];

    /// <summary>Reads a workflow.</summary>
    /// <param name="yaml">Its text.</param>
    /// <param name="fileName">What to call it in messages.</param>
    /// <exception cref="WorkflowException">It is no workflow this stand-in can queue.</exception>
    public static WorkflowFile Parse(string yaml, string fileName = "workflow.yaml")
    {
        var root = Load(yaml, fileName);
        var jobs = Child(root, "jobs") as YamlMappingNode ?? throw Wrong(fileName, root, "a workflow needs a 'jobs' mapping");
        var keys = jobs.Children.Keys.Select(k => k.ToString()).ToHashSet(StringComparer.Ordinal);
        var name = Child(root, "name") is YamlScalarNode { Value: { Length: > 0 } given }
            ? given
            : Path.GetFileNameWithoutExtension(fileName);
        var frame = new JsonObject();
        foreach (var key in Carried)
        {
            if (Child(root, key) is { } carried)
            {
                frame[key] = YamlText.ToJson(carried);
            }
        }

        var requests = new List<ForgeJobRequest>();
        foreach (var (keyNode, body) in jobs.Children)
        {
            var key = keyNode.ToString();
            if (body is not YamlMappingNode job)
            {
                throw Wrong(fileName, body, $"job '{key}' must be a mapping");
            }

            requests.AddRange(
                Expand(fileName, key, job, keys, frame, Group(Child(root, "concurrency")), CancelsInProgress(Child(root, "concurrency"))));
        }

        return requests.Count == 0
            ? throw Wrong(fileName, jobs, "a workflow needs at least one job")
            : new WorkflowFile(fileName, name, requests);
    }

    /// <summary>The set that ships with the program: build, test with a matrix, lint, and deploy with needs. All ask for
    /// <c>debian</c>.</summary>
    public static IReadOnlyList<WorkflowFile> Samples()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith("samples/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return Parse(reader.ReadToEnd(), name["samples/".Length..]);
            }).ToArray();
    }

    /// <summary>Reads every workflow of a directory: its <c>.forgejo/workflows</c>, <c>.gitea/workflows</c> or <c>.github/workflows</c>
    /// where there is one, else the <c>*.yml</c> and <c>*.yaml</c> in it.</summary>
    /// <exception cref="WorkflowException">There is none, or one of them cannot be used.</exception>
    public static IReadOnlyList<WorkflowFile> ReadDirectory(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (!Directory.Exists(directory))
        {
            throw new WorkflowException($"{directory} is no directory; name one that holds workflow files");
        }

        var place = Homes.Select(d => Path.Combine(directory, d, "workflows")).FirstOrDefault(Directory.Exists) ?? directory;
        var files = Directory.EnumerateFiles(place).Where(f => Path.GetExtension(f) is ".yml" or ".yaml").Order(StringComparer.Ordinal)
            .ToArray();
        return files.Length == 0
            ? throw new WorkflowException($"{place} holds no *.yml or *.yaml; name a directory that holds workflow files")
            : files.Select(f => Parse(File.ReadAllText(f), f)).ToArray();
    }

    private static IEnumerable<ForgeJobRequest> Expand(
        string file, string key, YamlMappingNode job, HashSet<string> keys, JsonObject frame, string? workflowGroup, bool workflowCancels)
    {
        if (Child(job, "uses") is { } uses)
        {
            throw Wrong(file, uses, $"job '{key}' calls another workflow, which this stand-in does not do; give it 'steps'");
        }

        var runsOn = Child(job, "runs-on") ?? throw Wrong(file, job, $"job '{key}' needs 'runs-on'");
        if (Child(job, "steps") is not YamlSequenceNode)
        {
            throw Wrong(file, job, $"job '{key}' needs a list of 'steps'");
        }

        var needs = Words(Child(job, "needs"));
        if (needs.Find(n => n == key || !keys.Contains(n)) is { } unknown)
        {
            throw Wrong(file, Child(job, "needs")!, $"job '{key}' needs '{unknown}', which is no other job of this workflow");
        }

        var combinations = WorkflowMatrix.Combine(YamlText.ToJson(Child(job, "strategy"))?["matrix"] as JsonObject);
        var condition = Child(job, "if")?.ToString() ?? "";
        foreach (var matrix in combinations)
        {
            var body = (JsonObject)YamlText.ToJson(job)!;
            body.Remove("needs");
            body.Remove("strategy");
            var labels = Words(runsOn).ConvertAll(l => WorkflowMatrix.Fill(l, matrix));
            var given = body["name"]?.ToString();
            var name = WorkflowMatrix.Fill(given ?? key, matrix);
            if (matrix.Count > 0)
            {
                name = given?.Contains("${{", StringComparison.Ordinal) == true
                    ? name
                    : $"{name} ({string.Join(", ", matrix.Select(m => m.Value))})";
                body["strategy"] = new JsonObject { ["matrix"] = WorkflowMatrix.Single(matrix) };
            }

            body["name"] = name;
            body["runs-on"] = new JsonArray([.. labels.Select(l => JsonValue.Create(l))]);
            var payload = (JsonObject)frame.DeepClone();
            payload["jobs"] = new JsonObject { [key] = body };
            var own = Child(job, "concurrency");
            var group = Group(own) ?? workflowGroup;
            yield return new ForgeJobRequest(name, labels, payload.ToJsonString(PayloadStyle))
            {
                Key = key,
                Needs = needs,
                ConcurrencyGroup = group is null ? null : WorkflowMatrix.Fill(group, matrix),
                CancelInProgress = own is null ? workflowCancels : CancelsInProgress(own),
                NeverRuns = condition.Trim() is "false" or "${{ false }}",
                RunsAfterFailure = condition.Contains("always()", StringComparison.Ordinal),
            };
        }
    }

    private static YamlMappingNode Load(string yaml, string fileName)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents.Count == 0
                ? throw new WorkflowException($"{fileName}: the file is empty")
                : stream.Documents[0].RootNode as YamlMappingNode
                    ?? throw Wrong(fileName, stream.Documents[0].RootNode, "a workflow is a mapping");
        }
        catch (YamlException broken)
        {
            throw new WorkflowException($"{fileName}:{broken.Start.Line}:{broken.Start.Column}: {broken.Message}", broken);
        }
    }

    private static YamlNode? Child(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static List<string> Words(YamlNode? node) => node switch
    {
        YamlScalarNode { Value: { Length: > 0 } word } => [word],
        YamlSequenceNode list => list.Children.Select(c => c.ToString()).ToList(),
        // runs-on may be { labels: … } too.
        YamlMappingNode map => Words(Child(map, "labels")),
        _ => [],
    };

    private static string? Group(YamlNode? node) => node switch
    {
        YamlScalarNode { Value: { Length: > 0 } group } => group,
        YamlMappingNode map => Group(Child(map, "group")),
        _ => null,
    };

    private static bool CancelsInProgress(YamlNode? node) =>
        node is YamlMappingNode map && Child(map, "cancel-in-progress")?.ToString() == "true";

    private static WorkflowException Wrong(string file, YamlNode where, string what) =>
        new($"{file}:{where.Start.Line}:{where.Start.Column}: {what}");
}
