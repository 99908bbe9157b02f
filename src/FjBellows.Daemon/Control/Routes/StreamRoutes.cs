using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>What can be watched: server-sent events, or with <c>follow=false</c> what is kept, as a list.</summary>
/// <param name="parts">What the control plane shows.</param>
/// <param name="feed">What the pools publish.</param>
/// <param name="access">Knows who asks.</param>
/// <param name="limits">How many streams a caller may have.</param>
/// <param name="life">The control plane's life.</param>
internal sealed class StreamRoutes(
    ControlContext parts, ControlFeed feed, ControlAccess access, CallerLimits limits, IHostApplicationLifetime life)
{
    private const int MostListed = 10_000;

    /// <summary>Adds the routes.</summary>
    /// <param name="api">The group below <c>/api/v1</c>.</param>
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/events", EventsAsync).WithTags("streams")
            .WithSummary("Past and new events; filter by `pool`, `type`, `worker` and `job`.")
            .Produces<EventInfo>(StatusCodes.Status200OK, "text/event-stream").Produces<IReadOnlyList<EventInfo>>()
            .Produces<ErrorInfo>(StatusCodes.Status400BadRequest);
        api.MapGet("/logs", LogsAsync).WithTags("streams").WithSummary("Runner logs of one `worker`, `job` or `dispatch`.")
            .Produces<LogInfo>(StatusCodes.Status200OK, "text/event-stream").Produces<IReadOnlyList<LogInfo>>();
    }

    private async Task<IResult> EventsAsync(
        HttpContext context, string? pool, string? type, string? worker, long? job, bool? follow, int? limit, string? since)
    {
        HashSet<NoticeKind>? kinds = null;
        if (type is not null)
        {
            var found = type.Split(',').Select(word => (Word: word, Kind: SnakeCase.Find<NoticeKind>(word))).ToArray();
            if (found.FirstOrDefault(f => f.Kind is null).Word is { } unknown)
            {
                return TypedResults.BadRequest(
                    new ErrorInfo(
                        $"type is '{unknown}'",
                        $"one or more of these, separated by commas: {string.Join(", ", SnakeCase.All<NoticeKind>())}"));
            }

            kinds = [.. found.Select(f => f.Kind!.Value)];
        }

        return await AnswerAsync(
            context,
            feed.Notices,
            n => (pool is null || n.Pool == pool) && (kinds is null || kinds.Contains(n.Kind)) && (worker is null || n.Worker == worker)
                && (job is null || n.JobId == job),
            "notice",
            (id, notice) => ApiMapping.Event(id, notice),
            ControlJson.Default.EventInfo,
            new Listing(follow, limit, since)).ConfigureAwait(false);
    }

    private Task<IResult> LogsAsync(
        HttpContext context, string? pool, string? worker, long? job, string? dispatch, bool? follow, int? limit, string? since) =>
            AnswerAsync(
        context,
        feed.Lines,
        l => (pool is null || l.Pool == pool) && (worker is null || l.Worker == worker) && (job is null || l.JobId == job)
            && (dispatch is null || l.Dispatch == dispatch),
        "line",
        (id, line) => ApiMapping.Log(id, line),
        ControlJson.Default.LogInfo,
        new Listing(follow, limit, since));

    private async Task<IResult> AnswerAsync<T, TInfo>(
        HttpContext context,
        ReplayBuffer<T> book,
        Func<T, bool> wanted,
        string type,
        Func<string, T, TInfo> view,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<TInfo> json,
        Listing listing)
    {
        var after = EventId.After(feed, listing.Since ?? context.Request.Headers["Last-Event-ID"].ToString());
        if (listing.Follow == false)
        {
            var kept = book.Since(after, wanted);
            return TypedResults.Ok<IReadOnlyList<TInfo>>(
                [.. kept.TakeLast(Math.Clamp(listing.Limit ?? MostListed, 0, MostListed))
                    .Select(n => view(EventId.Of(feed, n.Number), n.Item))]);
        }

        using var stream = limits.TryTake(
            ControlAccess.PeerOf(context).Key, "streams", access.IsKnown(context) ? CallerLimits.Connections : CallerLimits.Streams);
        if (stream is null)
        {
            return TypedResults.Json(
                new ErrorInfo($"this caller has {CallerLimits.Streams} streams already", "end one of them, or ask with follow=false"),
                ControlJson.Default.ErrorInfo, statusCode: StatusCodes.Status429TooManyRequests);
        }

        await ServerSentEvents.SendAsync(
            context, book.Subscribe(after, wanted), type, n => (EventId.Of(feed, n.Number), view(EventId.Of(feed, n.Number), n.Item)),
            json, parts.Time, life.ApplicationStopping).ConfigureAwait(false);
        return TypedResults.Empty;
    }

    private sealed record Listing(bool? Follow, int? Limit, string? Since);
}
