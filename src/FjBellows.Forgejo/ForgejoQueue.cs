using FjBellows.Jobs;
using Flurl;
using Microsoft.Extensions.Logging;

namespace FjBellows.Forgejo;

/// <summary>Reads the queue of one pool's labels, and now and then the whole queue, to see that the filter leaves nothing out.</summary>
internal sealed partial class ForgejoQueue(ForgejoTransport forgejo, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan BetweenComparisons = TimeSpan.FromMinutes(10);
    private readonly ForgejoRepositories _repositories = new(forgejo, time);
    private long _comparedAt = time.GetTimestamp();

    public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
    {
        var whole = IsComparisonDue() ? await TryReadAllAsync(cancellationToken).ConfigureAwait(false) : null;
        var jobs = await ReadAsync(forgejo.Settings.Labels.Query, cancellationToken).ConfigureAwait(false);
        if (whole is not null)
        {
            jobs = [.. jobs, .. await LeftOutAsync(whole, jobs, cancellationToken).ConfigureAwait(false)];
        }

        return await _repositories.CompleteAsync(jobs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Every job of the scope, whatever its labels.</summary>
    public Task<IReadOnlyList<QueuedJob>> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

    private bool IsComparisonDue()
    {
        var last = Interlocked.Read(ref _comparedAt);
        return time.GetElapsedTime(last) >= BetweenComparisons && Interlocked.CompareExchange(ref _comparedAt, time.GetTimestamp(), last) == last;
    }

    private async Task<IReadOnlyList<QueuedJob>?> TryReadAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ForgejoException)
        {
            // The comparison is a precaution; if Forgejo is down, the query that matters says so.
            return null;
        }
    }

    /// <summary>What waited before the filtered query, waits after it, could be run, and was not in it.</summary>
    private async Task<IReadOnlyList<QueuedJob>> LeftOutAsync(IReadOnlyList<QueuedJob> before, IReadOnlyList<QueuedJob> filtered, CancellationToken cancellationToken)
    {
        var listed = filtered.Select(j => j.Key).ToHashSet();
        var missing = before.Where(j => j.IsDemand && forgejo.Settings.Labels.CanRun(j) && !listed.Contains(j.Key)).ToArray();
        if (missing.Length == 0 || await TryReadAllAsync(cancellationToken).ConfigureAwait(false) is not { } after)
        {
            return [];
        }

        var waiting = after.Where(j => j.IsDemand).Select(j => j.Key).ToHashSet();
        QueuedJob[] leftOut = [.. missing.Where(j => waiting.Contains(j.Key))];
        if (leftOut.Length > 0)
        {
            LogLeftOut(leftOut.Length, forgejo.Settings.Labels.Query, leftOut[0]);
        }

        return leftOut;
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

    /// <summary>The repository in the address of a job's page, <c>…/owner/name/actions/runs/…</c>: the list itself has its id only.</summary>
    private static string? RepositoryOf(string? page)
    {
        // A path alone is an address of a file on some systems.
        if (!Uri.TryCreate(page, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var actions = Array.LastIndexOf(parts, "actions");
        return actions >= 2 && actions + 1 < parts.Length && parts[actions + 1] == "runs" ? $"{parts[actions - 2]}/{parts[actions - 1]}" : null;
    }

    [LoggerMessage(
        EventId = 1601,
        EventName = "QueueFilterIncomplete",
        Level = LogLevel.Warning,
        Message = "Forgejo leaves {Count} waiting jobs out of the queue for labels {Labels}, such as {Job}; they are served all the same. Update Forgejo, or report this to its maintainers")]
    private partial void LogLeftOut(int count, string labels, QueuedJob job);
}
