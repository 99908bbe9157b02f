using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FjBellows.Sandbox.Forge;

/// <summary>The REST API over a state: paths, headers and bodies as Forgejo has them.</summary>
internal sealed class ForgeRest(ForgeState state, ForgeRelease release, string version, string? rootUrl)
{
    /// <summary>What the middleware says that finds no scope.</summary>
    public const string NoTarget = "The target couldn't be found.";

    /// <summary>What it says instead where an organisation is looked for.</summary>
    public const string NoOrganization = "GetOrgByName";

    public const int DefaultPage = 30;
    public const int LargestPage = 50;
    private const string Json = "application/json;charset=utf-8";
    private static readonly ForgeReply NoRoute = ForgeReply.Text(404, "text/plain; charset=utf-8", "404 page not found\n");
    private readonly ForgeRunsRest _runs = new(state, release);

    public async Task<ForgeReply> AnswerAsync(ForgeTarget target, HttpRequest request)
    {
        ForgeReply reply;
        try
        {
            reply = await TryAnswerAsync(target, request).ConfigureAwait(false);
        }
        catch (ForgeRefusedException refused)
        {
            reply = Refuse(refused, request);
        }

        // 16 no longer forbids a proxy to recode an answer.
        var cache = release == ForgeRelease.Forgejo15
            ? "max-age=0, private, must-revalidate, no-transform"
            : "max-age=0, private, must-revalidate";
        return reply with { Headers = [new("Cache-Control", cache), .. reply.Headers] };
    }

    public string ErrorBody(string message, HttpRequest request) =>
        JsonSerializer.Serialize(new ErrorItem(message, $"{Root(request)}/api/swagger"), ForgeRestJson.Default.ErrorItem) + "\n";

    public static ForgeReply Ok<T>(T item, JsonTypeInfo<T> type, int status = 200) =>
        new(status, Json, [.. JsonSerializer.SerializeToUtf8Bytes(item, type), (byte)'\n']);

    public static int Number(HttpRequest request, string name) =>
        int.TryParse(request.Query[name].ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private async Task<ForgeReply> TryAnswerAsync(ForgeTarget target, HttpRequest request)
    {
        if (release == ForgeRelease.Forgejo15 && target.IsNewIn16)
        {
            return NoRoute;
        }

        switch (target.Route)
        {
            case ForgeRoute.Version:
                return Ok(new VersionItem(version), ForgeRestJson.Default.VersionItem);
            case ForgeRoute.Settings:
                return Ok(new SettingsItem(LargestPage, DefaultPage, 1000, 10485760), ForgeRestJson.Default.SettingsItem);
            case ForgeRoute.WrongMethod:
                return new ForgeReply(405, "", []);
            case ForgeRoute.Unknown:
                return NoRoute;
            case >= ForgeRoute.Tasks and <= ForgeRoute.WebRun:
                return await _runs.AnswerAsync(target, request, Token(request), Root(request)).ConfigureAwait(false);
        }

        var scope = state.Authorize(Token(request), target.Scope, target.Owner, target.Repository, target.Writes);
        return target.Route switch
        {
            ForgeRoute.Jobs => Jobs(scope, request),
            ForgeRoute.ListRunners => List(scope, request),
            ForgeRoute.GetRunner => Ok(Item(state.Runner(scope, target.Id)), ForgeRestJson.Default.RunnerItem),
            ForgeRoute.DeleteRunner => Delete(scope, target.Id),
            _ => await RegisterAsync(scope, request).ConfigureAwait(false),
        };
    }

    private ForgeReply Refuse(ForgeRefusedException refused, HttpRequest request)
    {
        var status = refused.Reason switch
        {
            ForgeRefusal.Unauthenticated => 401,
            ForgeRefusal.Forbidden => 403,
            ForgeRefusal.NotFound => 404,
            ForgeRefusal.BadRequest => 400,
            ForgeRefusal.Invalid => 422,
            _ => 500,
        };

        // The middleware that finds no scope answers in another shape than the handlers.
        return refused.Message is NoTarget or NoOrganization
            ? Ok(
                new NotFoundItem(
                    refused.Message,
                    $"{Root(request)}/api/swagger",
                    refused.Message == NoOrganization ? [$"user redirect does not exist [name: {request.Path.Value!.Split('/')[4]}]"] : []),
                ForgeRestJson.Default.NotFoundItem,
                status)
            : ForgeReply.Text(status, Json, ErrorBody(refused.Message, request));
    }

    /// <summary>ROOT_URL: where people reach Forgejo, which need not be where the request came in.</summary>
    private string Root(HttpRequest request) => rootUrl ?? $"{request.Scheme}://{request.Host}";

    private static string? Token(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && header[..space].ToUpperInvariant() is "TOKEN" or "BEARER" ? header[(space + 1)..].Trim() : null;
    }

    /// <summary>The whole value is trimmed, its elements are not; of a repeated parameter the first counts.</summary>
    private ForgeReply Jobs(ForgeScope scope, HttpRequest request)
    {
        string[]? labels = request.Query.TryGetValue("labels", out var given)
            ? given[0]?.Trim() is { Length: > 0 } list ? list.Split(',') : []
            : null;
        var jobs = state.OpenJobs(scope, labels);

        // Forgejo serializes a slice that was never made: the body is the literal null.
        return Ok(jobs.Count == 0 ? null! : jobs.Select(j => JobItem.Of(j, release)).ToArray(), ForgeRestJson.Default.JobItemArray);
    }

    /// <summary>Without a page all rows are sent, with the links of a list that is paged.</summary>
    private ForgeReply List(ForgeScope scope, HttpRequest request)
    {
        var all = state.Runners(scope, request.Query["visible"] == "true");
        var page = Number(request, "page");
        var limit = Number(request, "limit") is > 0 and var asked ? Math.Min(asked, LargestPage) : DefaultPage;
        var shown = page < 1 ? all : all.Skip((page - 1) * limit).Take(limit);
        var links = Links(request, Math.Max(1, page), limit, (all.Count + limit - 1) / limit);
        return Ok(shown.Select(Item).ToArray(), ForgeRestJson.Default.RunnerItemArray) with
        {
            Headers =
            [
                new("X-Total-Count", all.Count.ToString(CultureInfo.InvariantCulture)),
                new("Access-Control-Expose-Headers", links.Length > 0 ? "Link, X-Total-Count" : "X-Total-Count"),
                .. links.Length > 0 ? [new KeyValuePair<string, string>("Link", links)] : Array.Empty<KeyValuePair<string, string>>(),
            ],
        };
    }

    private string Links(HttpRequest request, int page, int limit, int last)
    {
        page = Math.Min(page, Math.Max(1, last));
        var links = new List<(string Rel, int Page)>();
        if (page < last)
        {
            links.AddRange([("next", page + 1), ("last", last)]);
        }

        if (page > 1)
        {
            links.AddRange([("first", 1), ("prev", page - 1)]);
        }

        return string.Join(',', links.Select(l => $"<{Root(request)}{request.Path}?limit={limit}&page={l.Page}>; rel=\"{l.Rel}\""));
    }

    private ForgeReply Delete(ForgeScope scope, long id)
    {
        state.Delete(scope, id);
        return ForgeReply.Nothing;
    }

    private async Task<ForgeReply> RegisterAsync(ForgeScope scope, HttpRequest request)
    {
        var body = await BodyAsync(request).ConfigureAwait(false);
        var made = state.Register(scope, body?.Name, body?.Description, body?.Ephemeral ?? false);
        return Ok(new RegisteredItem(made.Id, made.Uuid, made.Token.Reveal()), ForgeRestJson.Default.RegisteredItem, 201);
    }

    private static async Task<RegisterBody?> BodyAsync(HttpRequest request)
    {
        var type = request.ContentType ?? "";
        if (type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            var form = await request.ReadFormAsync().ConfigureAwait(false);
            return new RegisterBody(form["name"], form["description"], form["ephemeral"] == "true");
        }

        if (!type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ForgeRefusedException(
                ForgeRefusal.Invalid, type.Length == 0 ? "[]: Empty Content-Type" : "[]: Unsupported Content-Type");
        }

        using var text = new StreamReader(request.Body, Encoding.UTF8);
        var json = await text.ReadToEndAsync().ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(json, ForgeRestJson.Default.RegisterBody);
        }
        catch (JsonException broken)
        {
            var ended = broken.BytePositionInLine >= Encoding.UTF8.GetByteCount(json);
            throw new ForgeRefusedException(ForgeRefusal.Invalid, ended ? "[]: unexpected EOF" : $"[]: {broken.Message}");
        }
    }

    private static RunnerItem Item(ForgeRunner r) => new(
        r.Id, r.Uuid, r.OwnerId, r.RepositoryId, r.Name, r.Status, r.Version, r.Labels, r.Description, r.Ephemeral);
}
