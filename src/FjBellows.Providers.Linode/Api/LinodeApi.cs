using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flurl.Http;

namespace FjBellows.Providers.Linode.Api;

/// <summary>Linode's API as requests and answers: the token, the budget, the time-out, and failures in the library's taxonomy. It knows no
/// workers and decides nothing.</summary>
internal sealed class LinodeApi : IDisposable
{
    /// <summary>The largest page Linode gives.</summary>
    public const int PageSize = 500;

    private readonly FlurlClient _http;
    private readonly LinodeSettings _settings;
    private readonly LinodeBudget _budget;
    private readonly TimeProvider _time;
    private volatile string? _scopes;

    public LinodeApi(LinodeSettings settings, LinodeBudget budget, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _settings = settings;
        _budget = budget;
        _time = time;
        // The deadline of each request is set on the request; HttpClient's own would cut a longer one short.
        // Connections are renewed, so that a name that moves is followed.
        var client = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        _http = new FlurlClient(client, settings.ApiUrl.AbsoluteUri.TrimEnd('/'));
    }

    /// <summary>The token's scopes as Linode last named them in an answer's header, apart by spaces, or <c>*</c>; null while it has not.</summary>
    public string? Scopes => _scopes;

    public void Dispose() => _http.Dispose();

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, _budget.Others, cancellationToken);

    /// <summary>What a path names; null when Linode says that it does not exist.</summary>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await GetAsync(path, type, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return null;
        }
    }

    public Task<LinodeInstance> CreateInstanceAsync(LinodeCreate body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "linode/instances", Json(body, LinodeJson.Default.LinodeCreate), LinodeJson.Default.LinodeInstance, _budget.Creates, cancellationToken);

    public Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> bodyType, JsonTypeInfo<TOut> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, Json(body, bodyType), type, _budget.Others, cancellationToken);

    public Task PutAsync<TIn>(string path, TIn body, JsonTypeInfo<TIn> bodyType, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, Json(body, bodyType), LinodeJson.Default.LinodeEmpty, _budget.Others, cancellationToken);

    /// <summary>Deletes what a path names; what is gone already is a success.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(HttpMethod.Delete, path, null, LinodeJson.Default.LinodeEmpty, _budget.Others, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
        }
    }

    /// <summary>Every element of a collection. When the collection changed its size between two pages, elements may have moved from a page
    /// not yet read to one already read; then it is read again.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(
        string path, string? filterKey, string? filterValue, JsonTypeInfo<LinodePage<T>> type, CancellationToken cancellationToken)
    {
        const int attempts = 4;
        for (var attempt = 1; ; attempt++)
        {
            var first = await PageAsync(path, 1, filterKey, filterValue, type, cancellationToken).ConfigureAwait(false);
            var all = new List<T>(first.Data);
            var steady = true;
            for (var number = 2; number <= first.Pages && steady; number++)
            {
                var page = await LaterPageAsync(path, number, filterKey, filterValue, type, cancellationToken).ConfigureAwait(false);
                steady = page is not null && page.Results == first.Results;
                all.AddRange(page?.Data ?? []);
            }

            if (steady && all.Count >= first.Results)
            {
                return all;
            }

            if (attempt == attempts)
            {
                throw new CloudException(CloudErrorKind.Transient, $"GET {path}: the list kept changing while its pages were read, {attempts} times in a row");
            }
        }
    }

    /// <summary>A page after the first; null when the collection has shrunk so much that there is no such page any more.</summary>
    private async Task<LinodePage<T>?> LaterPageAsync<T>(
        string path, int number, string? filterKey, string? filterValue, JsonTypeInfo<LinodePage<T>> type, CancellationToken cancellationToken)
    {
        try
        {
            return await PageAsync(path, number, filterKey, filterValue, type, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return null;
        }
    }

    private Task<LinodePage<T>> PageAsync<T>(
        string path, int number, string? filterKey, string? filterValue, JsonTypeInfo<LinodePage<T>> type, CancellationToken cancellationToken)
    {
        var filter = filterKey is null ? null : new JsonObject { [filterKey] = filterValue, ["+order_by"] = "id", ["+order"] = "asc" }.ToJsonString();
        return SendAsync(HttpMethod.Get, $"{path}?page={number}&page_size={PageSize}", null, type, _budget.Lists, cancellationToken, filter);
    }

    private static StringContent Json<T>(T body, JsonTypeInfo<T> type) => new(JsonSerializer.Serialize(body, type), Encoding.UTF8, "application/json");

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, RequestBudget budget, CancellationToken cancellationToken, string? filter = null)
    {
        using var pass = await budget.EnterAsync(cancellationToken).ConfigureAwait(false);
        var what = $"{method} {_settings.ApiUrl.AbsoluteUri.TrimEnd('/')}/{path}";
        try
        {
            var request = _http.Request()
                .AppendPathSegment(path.Split('?')[0])
                .SetQueryParams(path.Contains('?', StringComparison.Ordinal) ? path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..] : null)
                .WithOAuthBearerToken(_settings.Token.Reveal())
                .WithHeader("User-Agent", "fj-bellows")
                .WithTimeout(_settings.RequestTimeout)
                .AllowAnyHttpStatus();
            if (filter is not null)
            {
                request.WithHeader("X-Filter", filter);
            }

            using var response = await request.SendAsync(method, body, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (response.Headers.TryGetFirst("X-OAuth-Scopes", out var scopes))
            {
                _scopes = scopes;
            }

            var text = await response.GetStringAsync().ConfigureAwait(false) ?? "";
            return response.StatusCode is >= 200 and < 300 ? Read(what, text, type) : throw Refused(what, response, text, budget);
        }
        catch (FlurlHttpException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = e is FlurlHttpTimeoutException
                ? string.Create(CultureInfo.InvariantCulture, $"no answer within {_settings.RequestTimeout.TotalSeconds:0.#} s")
                : e.InnerException?.Message ?? "the connection failed";
            // The cause is told in words only: Flurl's exception holds the request, and with it the token.
            throw new CloudException(CloudErrorKind.Transient, $"{what}: {why}; whether Linode acted on it is not known");
        }
    }

    private static T Read<T>(string what, string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new CloudException(CloudErrorKind.Transient, $"{what}: the answer is not what Linode documents ({e.Message}): {LinodeRefusal.Excerpt(text)}");
        }
    }

    private CloudException Refused(string what, IFlurlResponse response, string text, RequestBudget budget)
    {
        var refusal = new LinodeRefusal(response.StatusCode, LinodeRefusal.ReadErrors(text), text);
        var header = response.ResponseMessage.Headers.RetryAfter;
        var retryAfter = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        if (refusal.Kind == CloudErrorKind.RateLimited)
        {
            retryAfter = retryAfter > TimeSpan.Zero ? retryAfter : TimeSpan.FromSeconds(15);
            budget.CloseFor(retryAfter.Value);
        }

        var advice = refusal.Kind switch
        {
            CloudErrorKind.Auth => "; the token is refused or lacks a scope: it needs linodes:read_write, and firewall, placement and vpc:read_write for what is managed",
            CloudErrorKind.QuotaExceeded => "; the account may not own more: delete something, or ask Linode to raise the limit",
            CloudErrorKind.InvalidConfig => "; correct provider_config",
            _ => "",
        };
        return new CloudException(refusal.Kind, $"{what}: {refusal.Message}{advice}", retryAfter, refusal);
    }
}
