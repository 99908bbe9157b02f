using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace FjBellows.Sandbox.Forge;

/// <summary>The REST API over a state: paths, headers and bodies as Forgejo 15 has them.</summary>
internal sealed class ForgeRest(ForgeState state, string version)
{
    private const int DefaultPage = 30;
    private const int LargestPage = 50;
    private const string Json = "application/json;charset=utf-8";

    public static string ErrorBody(string message, HttpRequest request) =>
        JsonSerializer.Serialize(new ErrorItem(message, SwaggerUrl(request)), ForgeRestJson.Default.ErrorItem);

    public async Task<ForgeReply> AnswerAsync(ForgeTarget target, HttpRequest request)
    {
        try
        {
            switch (target.Route)
            {
                case ForgeRoute.Version:
                    return Ok(JsonSerializer.SerializeToUtf8Bytes(new VersionItem(version), ForgeRestJson.Default.VersionItem));
                case ForgeRoute.Settings:
                    return Ok(JsonSerializer.SerializeToUtf8Bytes(
                        new SettingsItem(LargestPage, DefaultPage, 1000, 10485760), ForgeRestJson.Default.SettingsItem));
                case ForgeRoute.Unknown:
                    throw new ForgeRefusedException(ForgeRefusal.NotFound, "The target couldn't be found.");
            }

            var scope = state.Authorize(Token(request), target.Scope, target.Owner, target.Repository, target.Writes);
            return target.Route switch
            {
                ForgeRoute.Jobs => Jobs(scope, request),
                ForgeRoute.Tasks => Tasks($"{target.Owner}/{target.Repository}", request),
                ForgeRoute.ListRunners => List(scope, request),
                ForgeRoute.GetRunner => Ok(JsonSerializer.SerializeToUtf8Bytes(Item(state.Runner(scope, target.Id)), ForgeRestJson.Default.RunnerItem)),
                ForgeRoute.DeleteRunner => Delete(scope, target.Id),
                _ => await RegisterAsync(scope, request).ConfigureAwait(false),
            };
        }
        catch (ForgeRefusedException refused)
        {
            return Refuse(refused, request);
        }
    }

    private static ForgeReply Refuse(ForgeRefusedException refused, HttpRequest request)
    {
        var status = refused.Reason switch
        {
            ForgeRefusal.Unauthenticated => 401,
            ForgeRefusal.Forbidden => 403,
            ForgeRefusal.NotFound => 404,
            ForgeRefusal.Invalid => 422,
            _ => 500,
        };

        // The middleware that finds no route or scope answers in another shape than the handlers.
        return refused.Message == "The target couldn't be found."
            ? new ForgeReply(status, Json, JsonSerializer.SerializeToUtf8Bytes(
                new NotFoundItem([], refused.Message, SwaggerUrl(request)), ForgeRestJson.Default.NotFoundItem))
            : ForgeReply.Text(status, Json, ErrorBody(refused.Message, request));
    }

    private static string SwaggerUrl(HttpRequest request) => $"{request.Scheme}://{request.Host}/api/swagger";

    private static ForgeReply Ok(byte[] body) => new(200, Json, body);

    private static string? Token(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && header[..space].ToUpperInvariant() is "TOKEN" or "BEARER" ? header[(space + 1)..].Trim() : null;
    }

    private ForgeReply Jobs(ForgeScope scope, HttpRequest request)
    {
        string[]? labels = request.Query.TryGetValue("labels", out var text)
            ? text.ToString() is { Length: > 0 } list ? list.Split(',') : []
            : null;
        var jobs = state.OpenJobs(scope, labels);

        // Forgejo serializes a slice that was never made: the body is the literal null.
        return Ok(JsonSerializer.SerializeToUtf8Bytes(jobs.Count == 0 ? null : jobs.Select(j => Item(j, request.Host)).ToArray(), ForgeRestJson.Default.JobItemArray!));
    }

    private ForgeReply List(ForgeScope scope, HttpRequest request)
    {
        var all = state.Runners(scope, request.Query["visible"] == "true");
        var page = Number(request, "page");
        var limit = Number(request, "limit") is > 0 and var asked ? Math.Min(asked, LargestPage) : DefaultPage;
        var shown = page < 1 ? all : all.Skip((page - 1) * limit).Take(limit);
        var headers = new List<KeyValuePair<string, string>> { new("X-Total-Count", all.Count.ToString(CultureInfo.InvariantCulture)) };
        if (page >= 1 && Links(request, page, limit, (all.Count + limit - 1) / limit) is { Length: > 0 } links)
        {
            headers.Add(new("Link", links));
        }

        return Ok(JsonSerializer.SerializeToUtf8Bytes(shown.Select(Item).ToArray(), ForgeRestJson.Default.RunnerItemArray)) with { Headers = headers };
    }

    private ForgeReply Tasks(string repository, HttpRequest request)
    {
        var all = state.Jobs().Where(j => j.Repository == repository)
            .SelectMany(j => j.Tasks.Select(t => Item(j, t)))
            .OrderByDescending(t => t.Id).ToArray();
        var limit = Number(request, "limit") is > 0 and var asked ? Math.Min(asked, LargestPage) : DefaultPage;
        var shown = all.Skip((Math.Max(1, Number(request, "page")) - 1) * limit).Take(limit).ToArray();
        return Ok(JsonSerializer.SerializeToUtf8Bytes(new TasksItem(all.Length, shown), ForgeRestJson.Default.TasksItem));
    }

    private static string Links(HttpRequest request, int page, int limit, int last)
    {
        var links = new List<(string Rel, int Page)>();
        if (page < last)
        {
            links.AddRange([("next", page + 1), ("last", last)]);
        }

        if (page > 1)
        {
            links.AddRange([("first", 1), ("prev", page - 1)]);
        }

        return string.Join(',', links.Select(l =>
            $"<{request.Scheme}://{request.Host}{request.Path}?limit={limit}&page={l.Page}>; rel=\"{l.Rel}\""));
    }

    private static int Number(HttpRequest request, string name) =>
        int.TryParse(request.Query[name].ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private ForgeReply Delete(ForgeScope scope, long id)
    {
        state.Delete(scope, id);
        return new ForgeReply(204, Json, []);
    }

    private async Task<ForgeReply> RegisterAsync(ForgeScope scope, HttpRequest request)
    {
        if (request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new ForgeRefusedException(
                ForgeRefusal.Invalid, string.IsNullOrEmpty(request.ContentType) ? "[]: Empty Content-Type" : "[]: Unsupported Content-Type");
        }

        RegisterBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync(request.Body, ForgeRestJson.Default.RegisterBody).ConfigureAwait(false);
        }
        catch (JsonException broken)
        {
            throw new ForgeRefusedException(ForgeRefusal.Invalid, $"[]: {broken.Message}");
        }

        var made = state.Register(scope, body?.Name, body?.Description, body?.Ephemeral ?? false);
        return new ForgeReply(201, Json, JsonSerializer.SerializeToUtf8Bytes(
            new RegisteredItem(made.Id, made.Uuid, made.Token.Reveal()), ForgeRestJson.Default.RegisteredItem));
    }

    private static JobItem Item(ForgeJob job, HostString host) => new(
        job.Id, job.Attempt, job.Handle, job.RepositoryId, job.OwnerId, job.Name, job.Needs.Count == 0 ? null : job.Needs,
        job.RunsOn.Count == 0 ? null : job.RunsOn, job.TaskId, job.Status == ForgeJobStatus.Waiting ? "waiting" : "running",
        $"http://{host}/{job.Repository}/actions/runs/{job.RunId}");

    private static TaskItem Item(ForgeJob job, ForgeTask task) => new(
        task.Id, job.Name, job.RunId, task.Result.ToString().ToLowerInvariant(), task.StartedAt, task.StoppedAt ?? task.StartedAt, task.StartedAt);

    private static RunnerItem Item(ForgeRunner r) => new(
        r.Id, r.Uuid, r.OwnerId, r.RepositoryId, r.Name, r.Status, r.Version, r.Labels, r.Description, r.Ephemeral);
}

internal sealed record VersionItem(string Version);

internal sealed record SettingsItem(int MaxResponseItems, int DefaultPagingNum, int DefaultGitTreesPerPage, int DefaultMaxBlobSize);

internal sealed record ErrorItem(string Message, string Url);

internal sealed record NotFoundItem(string[] Errors, string Message, string Url);

internal sealed record RegisterBody(string? Name, string? Description, bool? Ephemeral);

internal sealed record RegisteredItem(long Id, string Uuid, string Token);

internal sealed record JobItem(
    long Id,
    long Attempt,
    string Handle,
    long RepoId,
    long OwnerId,
    string Name,
    IReadOnlyList<string>? Needs,
    IReadOnlyList<string>? RunsOn,
    long TaskId,
    string Status,
    string HtmlUrl);

internal sealed record TasksItem(int TotalCount, TaskItem[] WorkflowRuns);

internal sealed record TaskItem(
    long Id,
    string Name,
    long RunNumber,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset RunStartedAt);

internal sealed record RunnerItem(
    long Id,
    string Uuid,
    long OwnerId,
    long RepoId,
    string Name,
    string Status,
    string Version,
    IReadOnlyList<string>? Labels,
    string Description,
    bool Ephemeral);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionItem))]
[JsonSerializable(typeof(SettingsItem))]
[JsonSerializable(typeof(ErrorItem))]
[JsonSerializable(typeof(NotFoundItem))]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(RegisteredItem))]
[JsonSerializable(typeof(JobItem[]))]
[JsonSerializable(typeof(TasksItem))]
[JsonSerializable(typeof(RunnerItem))]
[JsonSerializable(typeof(RunnerItem[]))]
internal sealed partial class ForgeRestJson : JsonSerializerContext;
