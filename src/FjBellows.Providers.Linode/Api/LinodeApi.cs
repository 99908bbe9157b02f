using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode.Api;

/// <summary>Linode's API: which budget a request counts in, how its collections come in pages, and what its refusals mean.</summary>
internal sealed class LinodeApi(LinodeSettings settings, LinodeBudget budget, TimeProvider time, HttpMessageHandler? handler = null)
    : RestApi(
    new RestSettings
    {
        Vendor = "Linode",
        Url = settings.ApiUrl,
        Token = settings.Token,
        RequestTimeout = settings.RequestTimeout,
        Refusal = answer => new LinodeRefusal(answer.Status, LinodeRefusal.ReadErrors(answer), answer.Excerpt()),
        Advice = AdviceOn,
    },
    LinodeJson.Default,
    budget.Others,
    time,
    handler)
{
    /// <summary>The largest page Linode gives.</summary>
    public const int PageSize = 500;

    private volatile string? _scopes;

    /// <summary>The token's scopes as Linode last named them in an answer's header, apart by spaces, or <c>*</c>; null while it has
    /// not.</summary>
    public string? Scopes => _scopes;

    public Task<LinodeInstance> CreateInstanceAsync(LinodeCreate body, CancellationToken cancellationToken) =>
        SendAsync<LinodeCreate, LinodeInstance>(HttpMethod.Post, "linode/instances", body, budget.Creates, cancellationToken);

    /// <summary>Every element of a collection.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => ListAsync<T>(path, [], cancellationToken);

    /// <summary>Every element of a collection whose field has a value.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(string path, string field, string value, CancellationToken cancellationToken)
        where T : class => ListAsync<T>(
            path, [("X-Filter", new JsonObject { [field] = value, ["+order_by"] = "id", ["+order"] = "asc" }.ToJsonString())],
            cancellationToken);

    protected override void OnAnswer(HttpResponseHeaders headers) =>
        _scopes = headers.TryGetValues("X-OAuth-Scopes", out var scopes) ? string.Join(' ', scopes) : _scopes;

    private static string AdviceOn(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth =>
            "; the token is refused or lacks a scope: it needs linodes:read_write, and firewall, placement and vpc:read_write for what " +
            "is managed",
        CloudErrorKind.QuotaExceeded => "; the account may not own more: delete something, or ask Linode to raise the limit",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };

    private Task<IReadOnlyList<T>> ListAsync<T>(
        string path, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellationToken)
        where T : class
    {
        return Pager.AllAsync($"GET {path}", ReadAsync, item => item);

        async Task<RestPage<T>?> ReadAsync(string? number)
        {
            var call = RestCall.Get($"{path}?page={number ?? "1"}&page_size={PageSize}", budget.Lists) with { Headers = headers };
            // A page after the first is gone when the collection has shrunk meanwhile.
            var page = number is null
                ? await SendAsync<LinodePage<T>>(call, cancellationToken).ConfigureAwait(false)
                : await FindAsync<LinodePage<T>>(call, cancellationToken).ConfigureAwait(false);
            return page is null
                ? null
                : new(page.Data, page.Page < page.Pages ? (page.Page + 1).ToString(CultureInfo.InvariantCulture) : null, page.Results);
        }
    }
}
