using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Jobs;
using Flurl;
using Flurl.Http;
using Flurl.Http.Content;

namespace FjBellows.Forgejo;

/// <summary>Requests to one Forgejo. Nothing is retried here.</summary>
internal sealed class ForgejoTransport : IDisposable
{
    /// <summary>The largest answer that is read, in bytes: some 60,000 jobs (invariant S11).</summary>
    public const int LargestAnswer = 16 * 1024 * 1024;

    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly FlurlClient _flurl;
    private volatile Uri? _rootUrl;

    /// <exception cref="ArgumentException">The URL is not http or https, or holds a user or password, which would be shown in
    /// messages.</exception>
    public ForgejoTransport(ForgejoSettings settings, TimeProvider time)
    {
        if (settings.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" })
        {
            throw new ArgumentException("Forgejo's URL must begin with http:// or https:// and hold no user or password", nameof(settings));
        }

        Settings = settings;
        _time = time;

        // A redirect is not followed: it would turn a POST into a GET, and lead the token elsewhere. Connections are renewed so that a
        // change of address is seen. A proxy that the environment names for the world outside is not shown the token of a Forgejo on this
        // host (invariant S12).
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = !settings.Url.IsLoopback,
        };
        if (settings.TrustedAuthorities is { Count: > 0 } authorities)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(
                certificate, chain, errors, authorities);
        }

        _http = new HttpClient(handler) { MaxResponseContentBufferSize = LargestAnswer };
        _flurl = new FlurlClient(_http);
        _flurl.Settings.Timeout = settings.Timeout;
        _flurl.Settings.Redirects.Enabled = false;
        _flurl.Settings.AllowedHttpStatusRange = "*";
    }

    public ForgejoSettings Settings { get; }

    /// <summary>ROOT_URL, once an answer has named it: where Forgejo says that it is.</summary>
    public Uri? RootUrl => _rootUrl;

    public Url Api(params object[] segments) =>
        new Url(Settings.Url.AbsoluteUri).AppendPathSegments("api", "v1").AppendPathSegments(segments);

    public Url Runners(params object[] segments) => Api([.. Settings.Scope.RunnerPath, .. segments]);

    public ForgejoException Refusal(ForgejoAnswer answer) => answer.Refusal(Settings.Scope, _time.GetUtcNow());

    public async Task<ForgejoAnswer> SucceedAsync(HttpMethod method, Url url, string? json, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, url, json, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? answer : throw Refusal(answer);
    }

    public async Task<ForgejoAnswer> SendAsync(
        HttpMethod method, Url url, string? json, CancellationToken cancellationToken, bool anonymous = false)
    {
        var asked = $"{method} {url}";
        var request = _flurl.Request(url).WithHeader("Accept", "application/json").WithHeader("User-Agent", "fj-bellows");
        if (!anonymous)
        {
            request = request.WithHeader("Authorization", $"token {Settings.Token.Reveal()}");
        }

        try
        {
            using var content = json is null ? null : new CapturedJsonContent(json);
            using var response = await request.SendAsync(
                method, content, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
            var message = response.ResponseMessage;
            var body = await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            var answer = new ForgejoAnswer(
                asked, message.StatusCode, message.Headers, body, Settings.Token, holdsSecret: method == HttpMethod.Post);
            _rootUrl = answer.RootUrl ?? _rootUrl;
            return answer;
        }
        catch (FlurlHttpTimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ForgejoException(
                ForgejoErrorKind.Unreachable,
                $"{asked} was not answered within {Settings.Timeout.TotalSeconds:0.###} s. Forgejo, or the network to it, is overloaded " +
                $"or down.");
        }
        catch (FlurlHttpException e)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Flurl's exception carries the request with its headers; only the cause beneath it goes on.
            throw e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }
                ? new ForgejoException(
                    ForgejoErrorKind.Malformed,
                    $"{asked} answered with more than {LargestAnswer / (1024 * 1024)} MiB, which is not read. Is forgejo.url the " +
                    $"address of Forgejo itself?")
                : new ForgejoException(
                    ForgejoErrorKind.Unreachable,
                    $"{asked} failed: {e.InnerException?.Message ?? "no connection"}. Is forgejo.url right, and can this host reach it?",
                    innerException: e.InnerException);
        }
    }

    public void Dispose()
    {
        _flurl.Dispose();
        _http.Dispose();
    }

    /// <summary>What the system trusts is trusted still; a chain that ends in one of the authorities given is trusted too.</summary>
    private static bool IsTrusted(
        X509Certificate? certificate, X509Chain? seen, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server || seen is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        foreach (var element in seen.ChainElements)
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server);
    }
}
