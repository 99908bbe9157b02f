using System.Globalization;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>DigitalOcean's API: its pages, and what its refusals mean. It never deletes by tag: that call deletes whatever carries the
/// tag.</summary>
internal sealed class DropletApi(DropletSettings settings, DropletBudget budget, TimeProvider time, HttpMessageHandler? handler)
    : IDisposable
{
    private const int PageSize = 200;

    private static readonly RefusalTable Table = new(
        RefusalTable.ServerFailure,
        new(CloudErrorKind.NotFound) { Statuses = [404], Codes = ["not_found"] },
        new(CloudErrorKind.QuotaExceeded) { Texts = ["exceed your droplet limit", "droplet limit"] },
        new(CloudErrorKind.CapacityOut) { Statuses = [422],
            Texts = ["currently unavailable", "is unavailable in", "not available in", "out of capacity", "no capacity"] },
        new(CloudErrorKind.RateLimited) { Codes = ["too_many_requests"] },
        new(CloudErrorKind.Conflict) { Statuses = [422], Texts = ["pending event", "locked"] });

    private readonly RestClient _rest = new(
        new RestSettings
        {
            Vendor = "DigitalOcean",
            Url = settings.ApiUrl,
            Token = settings.Token,
            RequestTimeout = settings.RequestTimeout,
            Refusal = RefusalOf,
            Advice = Advice,
        },
        time,
        handler);

    public void Dispose() => _rest.Dispose();

    public Task<DropletAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        _rest.SendAsync(RestCall.Get(path, budget.Requests), DropletJson.Default.DropletAnswer, cancellationToken);

    public Task<DropletAnswer?> FindAsync(string path, CancellationToken cancellationToken) =>
        _rest.FindAsync(RestCall.Get(path, budget.Requests), DropletJson.Default.DropletAnswer, cancellationToken);

    public Task<DropletAnswer> CreateAsync(DropletCreate body, CancellationToken cancellationToken) => _rest.SendAsync(
        RestCall.Send(HttpMethod.Post, "droplets", body, DropletJson.Default.DropletCreate, budget.Requests),
        DropletJson.Default.DropletAnswer, cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        _rest.DeleteAsync(RestCall.Delete(path, budget.Requests), cancellationToken);

    /// <summary>Every element of a collection.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T, TId>(
        string path, Func<DropletAnswer, IReadOnlyList<T>?> items, Func<T, TId> id, CancellationToken cancellationToken)
        where TId : notnull => Pager.AllAsync(
        $"GET {path.Split('?')[0]}",
        async page =>
        {
            var number = page is null ? 1 : int.Parse(page, CultureInfo.InvariantCulture);
            var answer = await GetAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}per_page={PageSize}&page={number}"),
                cancellationToken).ConfigureAwait(false);
            return new RestPage<T>(
                items(answer) ?? throw new CloudException(CloudErrorKind.Transient, $"GET {path.Split('?')[0]}: the answer holds no list"),
                answer.Links?.Pages?.Next is { Length: > 0 } ? (number + 1).ToString(CultureInfo.InvariantCulture) : null,
                answer.Meta?.Total);
        },
        id);

    private static RestRefusal RefusalOf(RestAnswer answer)
    {
        var failure = answer.ReadOrNull(DropletJson.Default.DropletFailure);
        var (code, message) = (failure?.Id ?? "", failure?.Message ?? answer.Excerpt());
        return new RestRefusal(
            Table.KindOf(answer.Status, code, message),
            $"DigitalOcean answered {answer.Status}: {message}{(code.Length > 0 ? $" ({code})" : "")}", code);
    }

    private static string Advice(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth => "; the token needs the scopes droplet:create, droplet:read, droplet:delete and tag:create",
        CloudErrorKind.QuotaExceeded => "; the account's droplet limit is reached: delete something, or ask DigitalOcean to raise it",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };
}
