using System.Net;
using System.Text;
using System.Text.Json;
using FjBellows.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Forgejo;

/// <summary>The runner API of one Forgejo (version 15 and later) for one scope and one pool's labels. Safe to use from several places at
/// once. Nothing is retried here: whoever asks decides when to ask again.</summary>
public sealed class ForgejoClient : IJobQueue, IRunnerRegistry, IJobResults, IDisposable
{
    private const int LongestName = 255;
    private readonly ForgejoTransport _forgejo;
    private readonly ForgejoQueue _queue;
    private readonly ForgejoRuns _runs;
    private readonly ForgejoCheck _check;

    /// <summary>Opens nothing yet; the first call connects.</summary>
    /// <param name="settings">Which Forgejo, as whom, for what.</param>
    /// <param name="time">The clock that <c>Retry-After</c> dates and Forgejo's clock are compared with; the system's by default.</param>
    /// <param name="log">Where it is reported that Forgejo's filter leaves jobs out; nowhere by default.</param>
    /// <exception cref="ArgumentException">The URL is not http or https, or holds a user or password, which would be shown in
    /// messages.</exception>
    public ForgejoClient(ForgejoSettings settings, TimeProvider? time = null, ILogger<ForgejoClient>? log = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        time ??= TimeProvider.System;
        _forgejo = new ForgejoTransport(settings, time);
        _queue = new ForgejoQueue(_forgejo, time, log ?? NullLogger<ForgejoClient>.Instance);
        _runs = new ForgejoRuns(_forgejo);
        _check = new ForgejoCheck(this, _forgejo, time);
    }

    /// <summary>ROOT_URL, once an answer has named it: where Forgejo says that it is, and where artifacts, LFS and packages are fetched
    /// from.</summary>
    public Uri? RootUrl => _forgejo.RootUrl;

    /// <inheritdoc />
    public Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken) => _queue.ListAsync(cancellationToken);

    /// <summary>Every waiting and running job of the scope, whatever its labels.</summary>
    /// <exception cref="ForgejoException">The queue could not be read.</exception>
    public Task<IReadOnlyList<QueuedJob>> ListAllAsync(CancellationToken cancellationToken) => _queue.ListAllAsync(cancellationToken);

    /// <summary>Every registration owned by the scope.</summary>
    /// <exception cref="ForgejoException">A page could not be read, or the list would not hold still.</exception>
    public Task<IReadOnlyList<RegisteredRunner>> ListRunnersAsync(CancellationToken cancellationToken) =>
        RunnerPages.ReadAsync(_forgejo, cancellationToken);

    /// <inheritdoc />
    public async Task<JobResult?> ResultAsync(QueuedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var complete = await _queue.CompleteAsync(job, cancellationToken).ConfigureAwait(false);
        return await _runs.ResultAsync(complete, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels the run that a job belongs to, with all its jobs. Forgejo 16 and later.</summary>
    /// <param name="job">The job, as the queue lists it.</param>
    /// <exception cref="ForgejoException">Forgejo is older, the repository's name is not known, or the token may not.</exception>
    public async Task CancelRunAsync(QueuedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var complete = await _queue.CompleteAsync(job, cancellationToken).ConfigureAwait(false);
        await _runs.CancelAsync(complete, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tasks of a repository, whoever ran them, newest first, back to a moment.</summary>
    /// <param name="owner">The repository's owner.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="since">How far back.</param>
    /// <exception cref="ForgejoException">A page could not be read.</exception>
    public Task<IReadOnlyList<PastTask>> ListTasksAsync(
        string owner, string repository, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentException.ThrowIfNullOrEmpty(repository);
        return _runs.TasksAsync(owner, repository, since, cancellationToken);
    }

    /// <summary>Looks whether pools can work with this Forgejo: its version, its address, whether the token may read and write, and its
    /// clock. Makes no runner.</summary>
    /// <returns>What was found, in the order it was looked at; every failure is a finding.</returns>
    public Task<IReadOnlyList<ForgejoFinding>> CheckAsync(CancellationToken cancellationToken) => _check.RunAsync(cancellationToken);

    /// <inheritdoc />
    async Task<IReadOnlyList<RegisteredRunner>> IRunnerRegistry.ListAsync(CancellationToken cancellationToken) =>
        await ListRunnersAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(description);
        if (Encoding.UTF8.GetByteCount(name) > LongestName)
        {
            throw new ArgumentException($"a runner's name has at most {LongestName} bytes; Forgejo would cut '{name}'", nameof(name));
        }

        var body = JsonSerializer.Serialize(new WireRegistration(name, description, Ephemeral: true), WireJson.Default.WireRegistration);
        var answer = await _forgejo.SucceedAsync(HttpMethod.Post, _forgejo.Runners(), body, cancellationToken).ConfigureAwait(false);
        var credentials = answer.Read(WireJson.Default.WireCredentials);
        return credentials.Uuid.Length > 0 && credentials.Token.Length > 0
            ? new RunnerCredentials(credentials.Id, credentials.Uuid, new Secret(credentials.Token))
            : throw answer.Malformed("the new runner has no uuid or no token");
    }

    /// <inheritdoc />
    public async Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken)
    {
        var answer = await _forgejo.SendAsync(HttpMethod.Get, _forgejo.Runners(id), null, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            { Succeeded: true } => answer.Read(WireJson.Default.WireRunner).ToRunner(),

            // Only Forgejo's own 404 proves an absence; a proxy's error page proves nothing.
            { Status: HttpStatusCode.NotFound, IsErrorObject: true } => null,
            _ => throw _forgejo.Refusal(answer),
        };
    }

    /// <inheritdoc />
    public async Task DeleteAsync(long id, CancellationToken cancellationToken)
    {
        // The normal end of an ephemeral runner is that Forgejo has removed its row with its job: then there is nothing to delete.
        if (await GetAsync(id, cancellationToken).ConfigureAwait(false) is null)
        {
            return;
        }

        var answer = await _forgejo.SendAsync(HttpMethod.Delete, _forgejo.Runners(id), null, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            return;
        }

        if (answer is not { Status: HttpStatusCode.NotFound, IsErrorObject: true })
        {
            throw _forgejo.Refusal(answer);
        }

        // The same 404 also means a runner that is seen, and owned by a wider scope: that one still exists.
        if (answer.Message.Contains("No permission to delete", StringComparison.OrdinalIgnoreCase))
        {
            throw answer.Rejected();
        }
    }

    /// <summary>Which Forgejo it is.</summary>
    /// <exception cref="ForgejoException">It could not be asked, or did not answer with a version.</exception>
    public async Task<ForgejoVersion> VersionAsync(CancellationToken cancellationToken) =>
        (await _check.AskVersionAsync(cancellationToken).ConfigureAwait(false)).Version;

    /// <inheritdoc />
    public void Dispose() => _forgejo.Dispose();
}
