using System.Net;
using System.Text;
using System.Text.Json;
using FjBellows.Jobs;
using Flurl;
using Flurl.Http;
using Flurl.Http.Content;

namespace FjBellows.Forgejo;

/// <summary>The runner API of one Forgejo (version 15 and later) for one scope and one pool's labels. Safe to use from several places at once.
/// Nothing is retried here: whoever asks decides when to ask again.</summary>
public sealed partial class ForgejoClient : IJobQueue, IRunnerRegistry, IDisposable
{
    private const int LongestName = 255;
    private const long LargestAnswer = 64 * 1024 * 1024;
    private readonly ForgejoSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly FlurlClient _flurl;

    /// <summary>Opens nothing yet; the first call connects.</summary>
    /// <param name="settings">Which Forgejo, as whom, for what.</param>
    /// <param name="time">The clock that <c>Retry-After</c> dates and Forgejo's clock are compared with; the system's by default.</param>
    /// <exception cref="ArgumentException">The URL is not http or https, or holds a user or password, which would be shown in messages.</exception>
    public ForgejoClient(ForgejoSettings settings, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" })
        {
            throw new ArgumentException("Forgejo's URL must begin with http:// or https:// and hold no user or password", nameof(settings));
        }

        _settings = settings;
        _time = time ?? TimeProvider.System;

        // A redirect is not followed: it would turn a POST into a GET, and lead the token elsewhere. Connections are renewed so that a change of address is seen.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseCookies = false };
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = LargestAnswer };
        _flurl = new FlurlClient(_http);
        _flurl.Settings.Timeout = settings.Timeout;
        _flurl.Settings.Redirects.Enabled = false;
        _flurl.Settings.AllowedHttpStatusRange = "*";
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
    {
        var url = Runners("jobs").SetQueryParam("labels", _settings.Labels.Query);
        var answer = await SucceedAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
        return [.. answer.ReadList(WireJson.Default.IReadOnlyListWireJob, "jobs", "data").Select(j => ToJob(j, _settings.Scope))];
    }

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
        var answer = await SucceedAsync(HttpMethod.Post, Runners(), body, cancellationToken).ConfigureAwait(false);
        var credentials = answer.Read(WireJson.Default.WireCredentials);
        return credentials.Uuid.Length > 0 && credentials.Token.Length > 0
            ? new RunnerCredentials(credentials.Id, credentials.Uuid, new Secret(credentials.Token))
            : throw answer.Malformed("the new runner has no uuid or no token");
    }

    /// <inheritdoc />
    public async Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, Runners(id), null, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            { Succeeded: true } => ToRunner(answer.Read(WireJson.Default.WireRunner)),

            // Only Forgejo's own 404 proves an absence; a proxy's error page proves nothing.
            { Status: HttpStatusCode.NotFound, IsErrorObject: true } => null,
            _ => throw Refusal(answer),
        };
    }

    /// <inheritdoc />
    public async Task DeleteAsync(long id, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Delete, Runners(id), null, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            return;
        }

        if (answer is not { Status: HttpStatusCode.NotFound, IsErrorObject: true })
        {
            throw Refusal(answer);
        }

        // The same 404 also means a runner that is seen, and owned by a wider scope: that one still exists.
        if (answer.Message.Contains("No permission to delete", StringComparison.OrdinalIgnoreCase))
        {
            throw answer.Rejected();
        }
    }

    /// <summary>Which Forgejo it is.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ForgejoException">It could not be asked, or did not answer with a version.</exception>
    public async Task<ForgejoVersion> VersionAsync(CancellationToken cancellationToken) =>
        (await AskVersionAsync(cancellationToken).ConfigureAwait(false)).Version;

    /// <inheritdoc />
    public void Dispose()
    {
        _flurl.Dispose();
        _http.Dispose();
    }

    private static QueuedJob ToJob(WireJob job, ForgejoScope scope) => new(
        job.Id,
        job.Attempt,
        job.Handle ?? "",
        job.RepoId,
        job.OwnerId,
        job.Name ?? "",
        job.RunsOn ?? [],
        job.Status switch { "waiting" => JobStatus.Waiting, "running" => JobStatus.Running, _ => JobStatus.Other },
        job.TaskId)
    {
        Repo = scope.Kind == ForgejoScopeKind.Repository ? $"{scope.Owner}/{scope.Repository}" : RepositoryOf(job.HtmlUrl),
    };

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

    private static RegisteredRunner ToRunner(WireRunner runner) => new(
        runner.Id,
        runner.Uuid ?? "",
        runner.Name,
        runner.Status switch
        {
            "offline" => RunnerStatus.Offline,
            "idle" => RunnerStatus.Idle,
            "active" => RunnerStatus.Active,
            _ => RunnerStatus.Unknown,
        },
        runner.Ephemeral);

    private Url Api(params object[] segments) => new Url(_settings.Url.AbsoluteUri).AppendPathSegments("api", "v1").AppendPathSegments(segments);

    private Url Runners(params object[] segments) => Api([.. _settings.Scope.RunnerPath, .. segments]);

    private ForgejoException Refusal(ForgejoAnswer answer) => answer.Refusal(_settings.Scope, _time.GetUtcNow());

    private async Task<ForgejoAnswer> SucceedAsync(HttpMethod method, Url url, string? json, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, url, json, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? answer : throw Refusal(answer);
    }

    private async Task<ForgejoAnswer> SendAsync(HttpMethod method, Url url, string? json, CancellationToken cancellationToken, bool anonymous = false)
    {
        var asked = $"{method} {url}";
        var request = _flurl.Request(url).WithHeader("Accept", "application/json").WithHeader("User-Agent", "fj-bellows");
        if (!anonymous)
        {
            request = request.WithHeader("Authorization", $"token {_settings.Token.Reveal()}");
        }

        try
        {
            using var content = json is null ? null : new CapturedJsonContent(json);
            using var response = await request.SendAsync(method, content, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
            var message = response.ResponseMessage;
            var body = await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return new ForgejoAnswer(asked, message.StatusCode, message.Headers, body, _settings.Token, holdsSecret: method == HttpMethod.Post);
        }
        catch (FlurlHttpTimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ForgejoException(
                ForgejoErrorKind.Unreachable,
                $"{asked} was not answered within {_settings.Timeout.TotalSeconds:0.###} s. Forgejo, or the network to it, is overloaded or down.");
        }
        catch (FlurlHttpException e)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Flurl's exception carries the request with its headers; only the cause beneath it goes on.
            throw new ForgejoException(
                ForgejoErrorKind.Unreachable,
                $"{asked} failed: {e.InnerException?.Message ?? "no connection"}. Is forgejo.url right, and can this host reach it?",
                innerException: e.InnerException);
        }
    }
}
