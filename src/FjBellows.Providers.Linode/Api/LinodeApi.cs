using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode.Api;

/// <summary>Linode's API: which budget a request counts in, how its collections come in pages, and what its refusals mean.</summary>
internal sealed class LinodeApi : IDisposable
{
    /// <summary>The largest page Linode gives.</summary>
    public const int PageSize = 500;

    private readonly LinodeBudget _budget;
    private readonly RestClient _rest;
    private volatile string? _scopes;

    public LinodeApi(LinodeSettings settings, LinodeBudget budget, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _budget = budget;
        var rest = new RestSettings
        {
            Vendor = "Linode",
            Url = settings.ApiUrl,
            Token = settings.Token,
            RequestTimeout = settings.RequestTimeout,
            Refusal = answer => new LinodeRefusal(answer.Status, LinodeRefusal.ReadErrors(answer), answer.Excerpt()),
            Advice = Advice,
            OnAnswer = headers => _scopes = headers.TryGetValues("X-OAuth-Scopes", out var scopes) ? string.Join(' ', scopes) : _scopes,
        };
        _rest = new RestClient(rest, time, handler);
    }

    /// <summary>The token's scopes as Linode last named them in an answer's header, apart by spaces, or <c>*</c>; null while it has
    /// not.</summary>
    public string? Scopes => _scopes;

    public void Dispose() => _rest.Dispose();

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => _rest.SendAsync(RestCall.Get(path, _budget.Others), type, cancellationToken);

    /// <summary>What a path names; null when Linode says that it does not exist.</summary>
    public Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => _rest.FindAsync(RestCall.Get(path, _budget.Others), type, cancellationToken);

    public Task<LinodeInstance> CreateInstanceAsync(LinodeCreate body, CancellationToken cancellationToken) =>
        _rest.SendAsync(
            RestCall.Send(HttpMethod.Post, "linode/instances", body, LinodeJson.Default.LinodeCreate, _budget.Creates),
            LinodeJson.Default.LinodeInstance, cancellationToken);

    public Task<TOut> PostAsync<TIn, TOut>(
        string path, TIn body, JsonTypeInfo<TIn> bodyType, JsonTypeInfo<TOut> type, CancellationToken cancellationToken)
        where TOut : class =>
            _rest.SendAsync(RestCall.Send(HttpMethod.Post, path, body, bodyType, _budget.Others), type, cancellationToken);

    public Task PutAsync<TIn>(string path, TIn body, JsonTypeInfo<TIn> bodyType, CancellationToken cancellationToken) =>
        _rest.SendAsync(
            RestCall.Send(HttpMethod.Put, path, body, bodyType, _budget.Others), LinodeJson.Default.LinodeEmpty, cancellationToken);

    /// <summary>Deletes what a path names; what is gone already is a success.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        _rest.DeleteAsync(RestCall.Delete(path, _budget.Others), cancellationToken);

    /// <summary>Every element of a collection.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(
        string path, string? filterKey, string? filterValue, JsonTypeInfo<LinodePage<T>> type, CancellationToken cancellationToken)
        where T : class
    {
        var filter = filterKey is null
            ? null
            : new JsonObject { [filterKey] = filterValue, ["+order_by"] = "id", ["+order"] = "asc" }.ToJsonString();
        return Pager.AllAsync($"GET {path}", ReadAsync, item => item);

        async Task<RestPage<T>?> ReadAsync(string? number)
        {
            var call = RestCall.Get(
                $"{path}?page={number ?? "1"}&page_size={PageSize}", _budget.Lists)
                    with { Headers = filter is null ? [] : [("X-Filter", filter)] };
            // A page after the first is gone when the collection has shrunk meanwhile.
            var page = number is null
                ? await _rest.SendAsync(call, type, cancellationToken).ConfigureAwait(false)
                : await _rest.FindAsync(call, type, cancellationToken).ConfigureAwait(false);
            return page is null
                ? null
                : new(page.Data, page.Page < page.Pages ? (page.Page + 1).ToString(CultureInfo.InvariantCulture) : null, page.Results);
        }
    }

    private static string Advice(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth =>
            "; the token is refused or lacks a scope: it needs linodes:read_write, and firewall, placement and vpc:read_write for what " +
            "is managed",
        CloudErrorKind.QuotaExceeded => "; the account may not own more: delete something, or ask Linode to raise the limit",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };
}
