using System.Globalization;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Pool;
using FjBellows.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>What can be looked at. Everything is answered from snapshots (invariant R8).</summary>
/// <param name="parts">What the control plane shows.</param>
/// <param name="options">How it is served.</param>
/// <param name="desk">The pools.</param>
/// <param name="feed">What they publish.</param>
internal sealed class ReadRoutes(ControlContext parts, ControlOptions options, PoolClient desk, ControlFeed feed)
{
    private const int MostJobs = 1_000;
    private const int DefaultJobs = 100;
    private const int MostPast = 500;

    private readonly DateTimeOffset _startedAt = parts.Time.GetUtcNow();

    /// <summary>Adds the routes.</summary>
    /// <param name="api">The group below <c>/api/v1</c>.</param>
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/health", HealthAsync).WithTags("state").WithSummary("Health of the daemon and age of its sources.");
        api.MapGet("/pools", PoolsAsync).WithTags("state").WithSummary("Every pool.");
        api.MapGet("/pools/{name}", PoolAsync).WithTags("state").WithSummary("One pool.");
        api.MapGet("/workers", WorkersAsync).WithTags("state").WithSummary("Workers, oldest first; filter by `pool` and `state`.");
        api.MapGet("/workers/{name}", WorkerAsync).WithTags("state").WithSummary("One worker.");
        api.MapGet("/jobs", JobsAsync).WithTags("state")
            .WithSummary("Waiting, running and ended jobs; filter by `pool`, limit the ended ones by `limit`.");
        api.MapGet("/provider", ProviderAsync).WithTags("state").WithSummary("The provider of each pool.");
        api.MapGet("/config", () => TypedResults.Ok(parts.Config())).WithTags("state")
            .WithSummary("The active configuration with secrets masked.");
        api.MapGet("/explain/job/{id:long}", ExplainJobAsync).WithTags("why")
            .WithSummary("Explains a job's state and the decisions behind it.");
        api.MapGet("/explain/worker/{name}", ExplainWorkerAsync).WithTags("why")
            .WithSummary("Explains a worker's state and the decisions behind it.");
    }

    /// <summary>How the daemon is.</summary>
    public async Task<Ok<HealthInfo>> HealthAsync(CancellationToken cancellationToken)
    {
        var pools = (await desk.GetAsync(null, cancellationToken).ConfigureAwait(false)).Select(ApiMapping.Health).ToArray();
        var now = parts.Time.GetUtcNow();
        return TypedResults.Ok(new HealthInfo(
            pools.Any(p => p.Status == "degraded") ? "degraded" : pools.Any(p => p.Status == "starting") ? "starting" : "ok",
            ProgramVersion.Text,
            _startedAt,
            now,
            (now - _startedAt).TotalSeconds,
            options.WritesOverAddress,
            options.TokenNeeded,
            pools));
    }

    private async Task<Ok<IReadOnlyList<PoolInfo>>> PoolsAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok<IReadOnlyList<PoolInfo>>(
            [.. (await KnownAsync(null, cancellationToken).ConfigureAwait(false)).Select(ApiMapping.Pool)]);

    private async Task<Results<Ok<PoolInfo>, NotFound<ErrorInfo>>> PoolAsync(string name, CancellationToken cancellationToken) =>
        await KnownAsync(name, cancellationToken).ConfigureAwait(false) is [var status]
            ? TypedResults.Ok(ApiMapping.Pool(status))
            : NoPool(name);

    private async Task<Results<Ok<IReadOnlyList<WorkerInfo>>, BadRequest<ErrorInfo>, NotFound<ErrorInfo>>> WorkersAsync(
        string? pool, string? state, CancellationToken cancellationToken)
    {
        WorkerPhase? phase = null;
        if (state is not null && (phase = SnakeCase.Find<WorkerPhase>(state)) is null)
        {
            return NoWord<WorkerPhase>("state", state);
        }

        if (pool is not null && !desk.Pools.Contains(pool))
        {
            return NoPool(pool);
        }

        var known = await KnownAsync(pool, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok<IReadOnlyList<WorkerInfo>>(
            [.. known.SelectMany(s => s.Workers.Where(w => phase is null || w.Phase == phase).Select(w => ApiMapping.Worker(s, w, feed)))]);
    }

    private async Task<Results<Ok<WorkerInfo>, NotFound<ErrorInfo>>> WorkerAsync(string name, CancellationToken cancellationToken) =>
        await FindWorkerAsync(name, cancellationToken).ConfigureAwait(false) is { } worker
            ? TypedResults.Ok(worker)
            : TypedResults.NotFound(
                new ErrorInfo(
                    $"there is no worker '{name}'", "GET /api/v1/workers lists them; /api/v1/explain/worker also knows deleted workers"));

    private async Task<Results<Ok<JobsInfo>, NotFound<ErrorInfo>>> JobsAsync(string? pool, int? limit, CancellationToken cancellationToken)
    {
        if (pool is not null && !desk.Pools.Contains(pool))
        {
            return NoPool(pool);
        }

        var known = await KnownAsync(pool, cancellationToken).ConfigureAwait(false);
        var most = Math.Clamp(limit ?? DefaultJobs, 0, MostJobs);
        return TypedResults.Ok(new JobsInfo(
            [.. known.SelectMany(s => s.Waiting.Select(w => ApiMapping.Waiting(s, w))).OrderBy(j => j.Id)],
            [.. Running(known).OrderBy(j => j.AssignedAt)],
            [.. await RecentAsync(known, most, cancellationToken).ConfigureAwait(false)]));
    }

    private async Task<Ok<IReadOnlyList<ProviderInfo>>> ProviderAsync(CancellationToken cancellationToken)
    {
        var said = (await desk.GetAsync(null, cancellationToken).ConfigureAwait(false)).ToDictionary(s => s.Pool);
        return TypedResults.Ok<IReadOnlyList<ProviderInfo>>([.. parts.Pools().Select(p =>
        {
            var status = said[p.Settings.Name].Status;
            var cloud = p.Ports.Cloud;
            return new ProviderInfo(
                p.Settings.Name,
                cloud.Name,
                ApiMapping.Billing(p.Settings.BillingOf(cloud)),
                p.Settings.Ownership.Tag,
                p.Settings.Ownership.Owner,
                cloud.Capabilities.MaxUserDataBytes,
                cloud.Capabilities.AcceptsGzip,
                cloud.Parts.Network is not null,
                status?.ProvisioningSuspended,
                status?.Sources.Where(s => s.Source == PoolSource.Instances).Select(s => ApiMapping.Source(s, status.At)).FirstOrDefault(),
                status?.Totals.ForeignInstances ?? 0);
        })]);
    }

    private async Task<Ok<ExplainInfo>> ExplainJobAsync(long id, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(null, cancellationToken).ConfigureAwait(false);
        JobInfo[] jobs =
        [
            .. known.SelectMany(s => s.Waiting.Where(w => w.Job.Id == id).Select(w => ApiMapping.Waiting(s, w))),
            .. Running(known).Where(j => j.Id == id),
            .. (await RecentAsync(known, MostJobs, cancellationToken).ConfigureAwait(false)).Where(j => j.Id == id),
        ];
        var past = await PastAsync(null, id, cancellationToken).ConfigureAwait(false);
        IEnumerable<string> now = jobs.Length > 0 ? jobs.Take(1).Concat(jobs.Skip(1).Where(j => j.State != JobState.Ended)).Select(Sentence)
            : past.Count > 0 ? [$"job {id} has ended; its decisions are listed below"]
            : [$"no pool knows job {id}: no pool has its labels " +
                $"({string.Join("; ", known.Select(s => $"{s.Name}: {string.Join(" ", s.Labels)}"))}), it ended longer ago than " +
                $"history.retention, or it is not in the scope"];
        return TypedResults.Ok(
            new ExplainInfo(string.Create(CultureInfo.InvariantCulture, $"job {id}"), [.. now], jobs.FirstOrDefault(), null, past));
    }

    private async Task<Ok<ExplainInfo>> ExplainWorkerAsync(string name, CancellationToken cancellationToken)
    {
        var worker = await FindWorkerAsync(name, cancellationToken).ConfigureAwait(false);
        var now = worker is null ? $"worker {name} does not exist now" : Sentence(worker);
        return TypedResults.Ok(
            new ExplainInfo($"worker {name}", [now], null, worker, await PastAsync(name, null, cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>What was decided: the history, and what is so new that it may not be there yet.</summary>
    private async Task<IReadOnlyList<EventInfo>> PastAsync(string? worker, long? job, CancellationToken cancellationToken)
    {
        var fresh = feed.Notices.Since(0, n => worker is null ? n.JobId == job : n.Worker == worker).GroupBy(n => n.Item)
            .ToDictionary(g => g.Key, g => g.First().Number);
        var kept = parts.History is INoticeHistory history
            ? await history.NoticesAsync(worker, job, MostPast, cancellationToken).ConfigureAwait(false)
            : [];
        return
        [
            .. kept.Where(n => !fresh.ContainsKey(n)).Select(n => ApiMapping.Event(null, n))
                .Concat(fresh.Select(n => ApiMapping.Event(EventId.Of(feed, n.Value), n.Key)))
                .OrderBy(e => e.At)
                .TakeLast(MostPast),
        ];
    }

    private static string Sentence(JobInfo job) => job.State switch
    {
        JobState.Waiting => $"{job.Name} waits in pool {job.Pool}: {job.Why}",
        JobState.Running => $"{job.Name} runs: {job.Why}",
        _ => $"{job.Name} ended on {job.Worker}, {SnakeCase.Of(job.Outcome!.Value)}: {job.Why}",
    };

    private static string Sentence(WorkerInfo worker) =>
        $"{worker.Name} is {SnakeCase.Of(worker.State)}: {worker.Why}" +
        (worker.BilledUntil is { } billed ? $"; billed until {billed.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "") +
        (worker is { State: WorkerPhase.Idle, TeardownDeadline: { } mark }
            ? $", and drained at {mark.UtcDateTime:HH:mm:ss} UTC if it gets no job"
            : "");

    private static IEnumerable<JobInfo> Running(IEnumerable<PoolStatus> known) =>
        known.SelectMany(s => s.Workers.Where(w => w.Current is not null).Select(w => ApiMapping.Running(s, w, w.Current!)));

    /// <summary>What ended lately, newest first: the pools' own memory, and the history for what was before.</summary>
    private async Task<IEnumerable<JobInfo>> RecentAsync(IReadOnlyList<PoolStatus> known, int most, CancellationToken cancellationToken)
    {
        var ended = new Dictionary<string, DispatchOutcome>(StringComparer.Ordinal);
        foreach (var status in known)
        {
            if (status.Recent.Count < most)
            {
                foreach (var outcome in await parts.History.OutcomesAsync(
                    status.Name, status.At - parts.Pools().First(p => p.Settings.Name == status.Name).Settings.HistoryRetention, most,
                    cancellationToken).ConfigureAwait(false))
                {
                    ended[outcome.Assignment.Dispatch.Value] = outcome;
                }
            }

            foreach (var outcome in status.Recent)
            {
                ended[outcome.Assignment.Dispatch.Value] = outcome;
            }
        }

        return ended.Values.OrderByDescending(o => o.EndedAt).Take(most).Select(ApiMapping.Ended);
    }

    private async Task<WorkerInfo?> FindWorkerAsync(string name, CancellationToken cancellationToken) =>
        (await KnownAsync(null, cancellationToken).ConfigureAwait(false))
            .SelectMany(s => s.Workers.Where(w => w.Name == name).Select(w => ApiMapping.Worker(s, w, feed)))
            .FirstOrDefault();

    private async Task<IReadOnlyList<PoolStatus>> KnownAsync(string? pool, CancellationToken cancellationToken) =>
        [.. (await desk.GetAsync(pool, cancellationToken).ConfigureAwait(false)).Select(s => s.Status).OfType<PoolStatus>()];

    private NotFound<ErrorInfo> NoPool(string name) => TypedResults.NotFound(new ErrorInfo(
        desk.Pools.Contains(name) ? $"pool '{name}' has not answered yet" : $"there is no pool '{name}'",
        $"there are: {string.Join(", ", desk.Pools)}"));

    private static BadRequest<ErrorInfo> NoWord<T>(string name, string word)
        where T : struct, Enum =>
            TypedResults.BadRequest(new ErrorInfo($"{name} is '{word}'", $"one of: {string.Join(", ", SnakeCase.All<T>())}"));
}
