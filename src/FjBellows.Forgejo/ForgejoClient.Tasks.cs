using FjBellows.Jobs;

namespace FjBellows.Forgejo;

public sealed partial class ForgejoClient
{
    /// <summary>The tasks of a repository, whoever ran them, newest first, back to a moment.</summary>
    /// <param name="owner">The repository's owner.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="since">How far back.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ForgejoException">A page could not be read.</exception>
    public async Task<IReadOnlyList<PastTask>> ListTasksAsync(string owner, string repository, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentException.ThrowIfNullOrEmpty(repository);
        var tasks = new Dictionary<long, PastTask>();
        for (var page = 1; page <= MostPages; page++)
        {
            var url = Api("repos", owner, repository, "actions", "tasks").SetQueryParam("page", page).SetQueryParam("limit", PageSize);
            var answer = await SucceedAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
            var items = answer.ReadList(WireJson.Default.IReadOnlyListWireTask, "workflow_runs", "data");
            var before = tasks.Count;
            foreach (var item in items.Where(t => t.StartedAt >= since))
            {
                // A task that came meanwhile pushes another to the next page, where it is seen again.
                tasks[item.Id] = new PastTask(item.Id, item.Name ?? "", item.Status ?? "", item.StartedAt, item.UpdatedAt ?? item.StartedAt);
            }

            if (items.Count == 0 || (items.All(t => t.StartedAt < since) && items.Any(t => t.CreatedAt < since)) || (tasks.Count == before && page > 1))
            {
                break;
            }
        }

        return [.. tasks.Values.OrderByDescending(t => t.Id)];
    }
}
