using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>The stand-in is asked what real servers were asked, and answers with the same status, headers, shape and, where they do not
/// depend on the moment, the same values.</summary>
public sealed partial class RestContractTests
{
    private const string Pat = "0123456789012345678901234567890123456789";

    /// <summary>No part of what an autoscaler or a runner asks: the stand-in has neither artifacts, nor tokens to manage, nor zip files,
    /// nor a job's own token.</summary>
    private static readonly string[] NotServed =
        ["artifact", "create a token", "tokens of a user", "delete a token", "(zip)", "logs of an unknown run", "actions/run "];

    /// <summary>What differs from run to run.</summary>
    private static readonly HashSet<string> Volatile =
    [
        "uuid", "token", "handle", "version", "title", "commit_sha", "prettyref", "event", "event_payload", "started", "stopped",
        "created", "updated", "duration",
        "task_id", "workflow_id", "trigger_event", "email", "default_branch",
    ];

    [Theory]
    [InlineData("15", ForgeRelease.Forgejo15)]
    public async Task Every_recorded_request_is_answered_as_the_real_server_did(string recorded, ForgeRelease release)
    {
        await using var server = await ForgeServer.StartAsync(
            new ForgeServerOptions { State = new ForgeStateOptions { Release = release, Accounts = Accounts() } });
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        var scene = new RecordedScene(server.State);
        scene.Prepare(recorded == "15" ? 2 : 0);
        var ids = new Dictionary<long, long>();
        var served = 0;
        var failures = new List<string>();
        foreach (var exchange in Recording.Rest(recorded))
        {
            Should.NotThrow(() => scene.Before(exchange.Name), string.Join("\n", failures));
            if (NotServed.Any(exchange.Name.Contains))
            {
                continue;
            }

            served++;
            using var request = Request(server.Url, exchange, ids);
            using var response = await http.SendAsync(request);
            // Read as bytes: to read it as text writes the Content-Type anew.
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
            if (exchange.Name.StartsWith("register", StringComparison.Ordinal) && exchange.Body?["id"]?.GetValue<long>() is { } theirs
                && (int)response.StatusCode == 201)
            {
                ids[theirs] = JsonNode.Parse(text)!["id"]!.GetValue<long>();
            }

            failures.AddRange(Compare(exchange, response, text, server.Url, ids).Select(f => $"{exchange}: {f}"));
        }

        served.ShouldBe(recorded == "15" ? 54 : 121);
        failures.ShouldBeEmpty(string.Join('\n', failures));
    }

    private static IReadOnlyList<ForgeAccount> Accounts() =>
    [
        new("root1", new Secret(Pat), SiteAdmin: true, ["all"]),
        .. new[] { "read:organization", "read:issue", "read:repository", "write:repository" }.Select(
            s => new ForgeAccount("root1", new Secret(s), true, [s])),
    ];

    private static HttpRequestMessage Request(string url, RestExchange exchange, Dictionary<long, long> ids)
    {
        var path = RunnerId()
            .Replace(exchange.Path, m => $"/runners/{ids.GetValueOrDefault(long.Parse(m.Groups[1].Value), long.Parse(m.Groups[1].Value))}");
        var request = new HttpRequestMessage(exchange.Method, url + path);
        var token = exchange.Name switch
        {
            "list wrong token" => new string('0', 40),
            _ => ScopeName().Match(exchange.Name) is { Success: true } scope ? scope.Groups[1].Value : Pat,
        };
        switch (exchange.Authorization)
        {
            case "cookie":
                request.Headers.Add("Cookie", "session=1");
                break;
            case { } scheme:
                request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
                break;
        }

        if (exchange.Sent is { } sent)
        {
            request.Content = new StringContent(
                sent, Encoding.UTF8, sent.StartsWith('{') ? "application/json" : "application/x-www-form-urlencoded");
        }

        if (exchange.Range is { } range)
        {
            request.Headers.Range = RangeHeaderValue.Parse(range);
        }

        return request;
    }

    private static List<string> Compare(
        RestExchange exchange, HttpResponseMessage response, string text, string url, Dictionary<long, long> ids)
    {
        if ((int)response.StatusCode != exchange.Status)
        {
            return [$"answered {(int)response.StatusCode} instead of {exchange.Status}: {text}"];
        }

        var wrong = new List<string>();
        foreach (var (name, value) in exchange.Headers.Where(h => h.Value is not null && h.Key is not "Content-Length"))
        {
            var expected = Host().Replace(value!.GetValue<string>(), url);
            var actual = Header(response, name);
            if (name == "Content-Range" ? actual is null : actual != expected)
            {
                wrong.Add($"{name} is '{actual}' instead of '{expected}'");
            }
        }

        var json = exchange.Headers["Content-Type"]?.GetValue<string>().Contains("json", StringComparison.Ordinal) == true;
        if (!json && exchange.Status == 404 && text != exchange.Answer)
        {
            wrong.Add($"the body is '{text}'");
        }

        if (json)
        {
            if (!text.EndsWith('\n'))
            {
                wrong.Add("the body does not end with a newline");
            }

            // A body without any JSON is kept as text, such as null with its newline.
            var expected = exchange.Body is JsonValue raw && raw.GetValueKind() == JsonValueKind.String
                ? JsonNode.Parse(raw.GetValue<string>())
                : exchange.Body;
            CompareJson("", expected, JsonNode.Parse(text), url, ids, wrong);
        }

        return wrong;
    }

    private static void CompareJson(
        string path, JsonNode? expected, JsonNode? actual, string url, Dictionary<long, long> ids, List<string> wrong)
    {
        var name = path.Split('.')[^1].TrimEnd(']', '[');
        switch (expected, actual)
        {
            case (JsonObject e, JsonObject a):
                var partial = name is "repository" or "trigger_user" or "owner";
                var (theirs, ours) =
                    (e.Select(p => p.Key).Except(["duration"]).ToArray(), a.Select(p => p.Key).Except(["duration"]).ToArray());
                if (partial ? ours.Except(theirs).Any() : !theirs.SequenceEqual(ours))
                {
                    wrong.Add($"{path} has {string.Join(',', ours)} instead of {string.Join(',', theirs)}");
                }

                foreach (var key in ours.Intersect(theirs))
                {
                    CompareJson($"{path}.{key}", e[key], a[key], url, ids, wrong);
                }

                break;
            case (JsonArray e, JsonArray a):
                if (e.Count != a.Count)
                {
                    wrong.Add($"{path} has {a.Count} items instead of {e.Count}");
                }

                for (var i = 0; i < Math.Min(e.Count, a.Count); i++)
                {
                    CompareJson(path + "[]", e[i], a[i], url, ids, wrong);
                }

                break;
            default:
                var (left, right) = (expected?.ToJsonString(), actual?.ToJsonString());
                if (expected?.GetValueKind() != actual?.GetValueKind())
                {
                    wrong.Add($"{path} is {right ?? "null"} instead of {left ?? "null"}");
                }
                else if (!Volatile.Contains(name) && Meant(name, path, left, ids, url) != right)
                {
                    wrong.Add($"{path} is {right} instead of {left}");
                }

                break;
        }
    }

    /// <summary>What a recorded value is here: another host, another runner's id.</summary>
    private static string? Meant(string name, string path, string? value, Dictionary<long, long> ids, string url)
    {
        if (value is null)
        {
            return null;
        }

        // Runners are the only things whose ids are handed out here as they come.
        return name == "id" && path is ".id" or "[].id" && long.TryParse(value, out var id) && ids.TryGetValue(id, out var ours)
            ? ours.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Host().Replace(value, url);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values)
            || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? string.Join(", ", values) : null;

    [GeneratedRegex(@"/runners/(\d+)")]
    private static partial Regex RunnerId();

    [GeneratedRegex(@"with ((?:read|write):\w+)$")]
    private static partial Regex ScopeName();

    [GeneratedRegex(@"http://198\.18\.\d+\.\d+:\d+")]
    private static partial Regex Host();
}
