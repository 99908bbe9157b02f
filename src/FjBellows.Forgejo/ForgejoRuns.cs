using System.Net;
using FjBellows.Jobs;
using Flurl;

namespace FjBellows.Forgejo;

/// <summary>What the API of a repository tells of its runs, jobs and tasks. The token needs <c>read:repository</c> for it, and
/// <c>write:repository</c> to cancel.</summary>
internal sealed class ForgejoRuns(ForgejoTransport forgejo)
{
    private const int MostPagesForOne = 4;

    public async Task<IReadOnlyList<PastTask>> TasksAsync(
        string owner, string repository, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var tasks = new Dictionary<long, PastTask>();
        for (var page = 1; page <= RunnerPages.MostPages; page++)
        {
            var items = await TaskPageAsync(owner, repository, page, cancellationToken).ConfigureAwait(false);
            var before = tasks.Count;
            foreach (var item in items.Where(t => t.StartedAt >= since))
            {
                // A task that came meanwhile pushes another to the next page, where it is seen again.
                tasks[item.Id] = new PastTask(
                    item.Id, item.Name ?? "", item.Status ?? "", item.StartedAt, item.UpdatedAt ?? item.StartedAt);
            }

            if (items.Count == 0 || (items.All(t => t.StartedAt < since) && items.Any(t => t.CreatedAt < since))
                || (tasks.Count == before && page > 1))
            {
                break;
            }
        }

        return [.. tasks.Values.OrderByDescending(t => t.Id)];
    }

    public async Task<JobResult?> ResultAsync(QueuedJob job, CancellationToken cancellationToken)
    {
        if (job.Repo?.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } repository])
        {
            return null;
        }

        return job.RunId is { } run
            ? await OfRunAsync(owner, repository, run, job, cancellationToken).ConfigureAwait(false)
            : job.TaskId > 0 ? await OfTaskAsync(owner, repository, job.TaskId, cancellationToken).ConfigureAwait(false) : null;
    }

    public async Task CancelAsync(QueuedJob job, CancellationToken cancellationToken)
    {
        if (job.RunId is not { } run)
        {
            throw new ForgejoException(
                ForgejoErrorKind.Rejected,
                $"{job} cannot be cancelled through the API: Forgejo 16 or newer is needed. Cancel its run on its web page.");
        }

        if (job.Repo?.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } repository])
        {
            throw new ForgejoException(
                ForgejoErrorKind.Unauthorized,
                $"{job} cannot be cancelled: the name of its repository is not known. Give the token the permission write:repository, " +
                $"or cancel its run on its web page.");
        }

        var answer = await forgejo.SendAsync(
            HttpMethod.Post, Run(owner, repository, run).AppendPathSegment("cancel"), "{}", cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            throw Refusal(answer);
        }
    }

    private static JobResult Meant(string? status) => status switch
    {
        "success" => JobResult.Success,
        "failure" => JobResult.Failure,
        "cancelled" => JobResult.Cancelled,
        "skipped" => JobResult.Skipped,
        "waiting" or "running" or "blocked" => JobResult.Open,
        _ => JobResult.Unknown,
    };

    private async Task<JobResult?> OfRunAsync(string owner, string repository, long run, QueuedJob job, CancellationToken cancellationToken)
    {
        var answer = await forgejo.SendAsync(
            HttpMethod.Get, Run(owner, repository, run).AppendPathSegment("jobs"), null, cancellationToken).ConfigureAwait(false);
        if (answer is { Status: HttpStatusCode.NotFound, IsErrorObject: true })
        {
            return null;
        }

        if (!answer.Succeeded)
        {
            throw Refusal(answer);
        }

        // A rerun has made another attempt of it: what this one came to is not shown any more.
        var row = answer.ReadList(WireJson.Default.IReadOnlyListWireJob, "jobs", "data")
            .FirstOrDefault(j => j.Id == job.Id && j.Attempt == job.Attempt);
        return row is null ? null : Meant(row.Status);
    }

    /// <summary>The newest tasks come first, and the one that is looked for has ended just now.</summary>
    private async Task<JobResult?> OfTaskAsync(string owner, string repository, long task, CancellationToken cancellationToken)
    {
        for (var page = 1; page <= MostPagesForOne; page++)
        {
            var items = await TaskPageAsync(owner, repository, page, cancellationToken).ConfigureAwait(false);
            if (items.FirstOrDefault(t => t.Id == task) is { } row)
            {
                return Meant(row.Status);
            }

            if (items.Count == 0 || items.Min(t => t.Id) < task)
            {
                break;
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<WireTask>> TaskPageAsync(
        string owner, string repository, int page, CancellationToken cancellationToken)
    {
        var url = forgejo.Api("repos", owner, repository, "actions", "tasks").SetQueryParam("page", page)
            .SetQueryParam("limit", RunnerPages.PageSize);
        var answer = await forgejo.SendAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? answer.ReadList(WireJson.Default.IReadOnlyListWireTask, "workflow_runs", "data") : throw Refusal(answer);
    }

    private Url Run(string owner, string repository, long run) => forgejo.Api("repos", owner, repository, "actions", "runs", run);

    /// <summary>These routes need another permission than the scope's.</summary>
    private ForgejoException Refusal(ForgejoAnswer answer) => answer.Status == HttpStatusCode.Forbidden
        ? new ForgejoException(
            ForgejoErrorKind.Unauthorized,
            $"{answer.Asked} answered 403 (\"{answer.Message}\"): add the permission read:repository, or write:repository for " +
            $"cancelling, to the token, " +
            "and let its account be a member of the repository.")
        : forgejo.Refusal(answer);
}
