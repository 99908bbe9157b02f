using System.Collections.Concurrent;
using System.Net;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

/// <summary>What is known of the repositories whose jobs wait: the list of jobs has their ids only. Asked for where the token may, a few at
/// a time, and remembered; the queue never waits long for it and never fails by it.</summary>
internal sealed class ForgejoRepositories(ForgejoTransport forgejo, TimeProvider time)
{
    private const int MostAtOnce = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Normal = TimeSpan.FromMinutes(30);

    // A job that is held back for what its repository says is looked at again soon: somebody may have fixed it.
    private static readonly TimeSpan Held = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Refused = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<long, Known> _known = new();
    private long _silentUntil = DateTimeOffset.MinValue.UtcTicks;

    /// <summary>The jobs with their repositories' names and with what holds them back.</summary>
    public async Task<IReadOnlyList<QueuedJob>> CompleteAsync(IReadOnlyList<QueuedJob> jobs, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now.UtcTicks >= Interlocked.Read(ref _silentUntil))
        {
            var wanted = jobs.Where(j => j.RepoId > 0).GroupBy(j => j.RepoId)
                .Where(g => !_known.TryGetValue(g.Key, out var known) || known.Until <= now)
                .Select(g => g.First()).Take(MostAtOnce).ToArray();
            if (wanted.Length > 0)
            {
                await AskAsync(wanted, cancellationToken).ConfigureAwait(false);
            }
        }

        Forget(jobs, now);
        return [.. jobs.Select(Complete)];
    }

    private async Task AskAsync(IReadOnlyList<QueuedJob> wanted, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        foreach (var job in wanted)
        {
            try
            {
                var answer = await forgejo.SendAsync(
                    HttpMethod.Get, forgejo.Api("repositories", job.RepoId), null, limit.Token).ConfigureAwait(false);
                if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                {
                    Interlocked.Exchange(ref _silentUntil, (time.GetUtcNow() + Refused).UtcTicks);
                    return;
                }

                var repository = answer.Succeeded ? answer.Read(WireJson.Default.WireRepository) : null;
                var hold = repository is null ? null : HoldOf(job, repository);
                _known[job.RepoId] = new Known(repository?.FullName, hold, time.GetUtcNow() + (hold is null ? Normal : Held));
            }
            catch (Exception e) when (e is ForgejoException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _known[job.RepoId] = new Known(null, null, time.GetUtcNow() + Held);
                return;
            }
        }
    }

    private JobHold? HoldOf(QueuedJob job, WireRepository repository) =>
        repository.HasActions == false ? JobHold.ActionsOff
        : forgejo.Settings.Scope.Kind is ForgejoScopeKind.Organization or ForgejoScopeKind.User
            && repository.Owner is { Id: > 0 } owner && job.OwnerId > 0 && owner.Id != job.OwnerId ? JobHold.Transferred
        : null;

    private QueuedJob Complete(QueuedJob job)
    {
        var known = _known.GetValueOrDefault(job.RepoId);
        return known is null ? job : job with { Repo = job.Repo ?? known.Name, Hold = job.Status == JobStatus.Waiting ? known.Hold : null };
    }

    private void Forget(IReadOnlyList<QueuedJob> jobs, DateTimeOffset now)
    {
        var present = jobs.Select(j => j.RepoId).ToHashSet();
        foreach (var (id, known) in _known)
        {
            if (known.Until <= now && !present.Contains(id))
            {
                _known.TryRemove(id, out _);
            }
        }
    }

    private sealed record Known(string? Name, JobHold? Hold, DateTimeOffset Until);
}
