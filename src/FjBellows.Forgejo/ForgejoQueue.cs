using FjBellows.Jobs;
using Microsoft.Extensions.Logging;

namespace FjBellows.Forgejo;

/// <summary>Reads the queue of one pool's labels, and now and then the whole queue, to see that the filter leaves nothing out.</summary>
internal sealed partial class ForgejoQueue(ForgejoTransport forgejo, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan BetweenComparisons = TimeSpan.FromMinutes(10);
    private readonly ForgejoRepositories _repositories = new(forgejo, time);
    private long _comparedAt = time.GetTimestamp();
    private volatile bool _readsWhole;

    public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
    {
        if (IsComparisonDue())
        {
            _readsWhole = await LeavesOutAsync(cancellationToken).ConfigureAwait(false);
        }

        var labels = forgejo.Settings.Labels;
        var jobs = _readsWhole
            ? [.. (await ReadAsync(null, cancellationToken).ConfigureAwait(false)).Where(labels.CanRun)]
            : await ReadAsync(labels.Query, cancellationToken).ConfigureAwait(false);
        return await _repositories.CompleteAsync(jobs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A job with its repository's name, where that can be learned.</summary>
    public async Task<QueuedJob> CompleteAsync(QueuedJob job, CancellationToken cancellationToken) =>
        job.Repo is null ? (await _repositories.CompleteAsync([job], cancellationToken).ConfigureAwait(false))[0] : job;

    /// <summary>Every job of the scope, whatever its labels.</summary>
    public async Task<IReadOnlyList<QueuedJob>> ListAllAsync(CancellationToken cancellationToken) =>
        await _repositories.CompleteAsync(
            await ReadAsync(null, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private bool IsComparisonDue()
    {
        var last = Interlocked.Read(ref _comparedAt);
        return time.GetElapsedTime(last) >= BetweenComparisons
            && Interlocked.CompareExchange(ref _comparedAt, time.GetTimestamp(), last) == last;
    }

    /// <summary>True when a job that this pool could run waited before the filtered query, waits after it, and was not in it.</summary>
    private async Task<bool> LeavesOutAsync(CancellationToken cancellationToken)
    {
        try
        {
            var before = await ReadAsync(null, cancellationToken).ConfigureAwait(false);
            var filtered = await ReadAsync(forgejo.Settings.Labels.Query, cancellationToken).ConfigureAwait(false);
            var listed = filtered.Select(j => j.Key).ToHashSet();
            var missing = before.Where(j => j.IsDemand && forgejo.Settings.Labels.CanRun(j) && !listed.Contains(j.Key)).ToArray();
            if (missing.Length == 0)
            {
                return false;
            }

            var after = await ReadAsync(null, cancellationToken).ConfigureAwait(false);
            var waiting = after.Where(j => j.IsDemand).Select(j => j.Key).ToHashSet();
            QueuedJob[] leftOut = [.. missing.Where(j => waiting.Contains(j.Key))];
            if (leftOut.Length > 0)
            {
                LogLeftOut(leftOut.Length, forgejo.Settings.Labels.Query, leftOut[0]);
            }

            return leftOut.Length > 0;
        }
        catch (ForgejoException)
        {
            // The comparison is a precaution; if Forgejo is down, the query that matters says so.
            return _readsWhole;
        }
    }

    private async Task<IReadOnlyList<QueuedJob>> ReadAsync(string? labels, CancellationToken cancellationToken)
    {
        var url = forgejo.Runners("jobs");
        if (labels is not null)
        {
            url = url.SetQueryParam("labels", labels);
        }

        var answer = await forgejo.SucceedAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
        var scope = forgejo.Settings.Scope;
        return
        [
            .. answer.ReadList(WireJson.Default.IReadOnlyListWireJob, "jobs", "data").Select(j => j.ToJob() with
            {
                Repo = scope.Kind == ForgejoScopeKind.Repository ? $"{scope.Owner}/{scope.Repository}" : RepositoryOf(j.HtmlUrl),
            }),
        ];
    }

    /// <summary>The repository in the address of a job's page, <c>…/owner/name/actions/runs/…</c>: the list itself has its id
    /// only.</summary>
    private static string? RepositoryOf(string? page)
    {
        // A path alone is an address of a file on some systems.
        if (!Uri.TryCreate(page, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var actions = Array.LastIndexOf(parts, "actions");
        return actions >= 2 && actions + 1 < parts.Length && parts[actions + 1] == "runs"
            ? $"{parts[actions - 2]}/{parts[actions - 1]}"
            : null;
    }

    [LoggerMessage(
        EventId = 1601,
        EventName = "QueueFilterIncomplete",
        Level = LogLevel.Warning,
        Message = "Forgejo leaves {Count} waiting jobs out of the queue for labels {Labels}, such as {Job}; the whole queue is read " +
            "instead. Update Forgejo, or report this to its maintainers")]
    private partial void LogLeftOut(int count, string labels, QueuedJob job);
}
