using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>Hetzner's API: its pages, its actions, and what its refusals mean.</summary>
internal sealed class HetznerApi(HetznerSettings settings, HetznerBudget budget, TimeProvider time, HttpMessageHandler? handler)
    : IDisposable
{
    private const int PageSize = 50;
    private static readonly TimeSpan ActionInterval = TimeSpan.FromSeconds(1);

    private static readonly RefusalTable Table = new(
        new(CloudErrorKind.NotFound) { Statuses = [404], Codes = ["not_found"] },
        new(CloudErrorKind.CapacityOut) { Codes = ["resource_unavailable", "placement_error"] },
        new(CloudErrorKind.QuotaExceeded) { Codes = ["resource_limit_exceeded", "no_subnet_available", "ip_not_available"] },
        new(CloudErrorKind.RateLimited) { Codes = ["rate_limit_exceeded"] },
        new(CloudErrorKind.Auth) { Codes = ["unauthorized", "forbidden", "token_readonly"] },
        new(CloudErrorKind.Conflict) { Codes = ["uniqueness_error", "conflict", "locked", "protected", "resource_in_use"] },
        new(CloudErrorKind.Transient) { Codes =
            ["maintenance", "robot_unavailable", "service_error", "server_error", "unavailable", "timeout", "bad_gateway"] },
        new(CloudErrorKind.InvalidConfig)
        {
            Codes = [
                "invalid_input", "json_error", "resource_locked", "deprecated_api_endpoint", "unsupported_error", "invalid_server_type"],
        });

    private readonly RestClient _rest = new(
        new RestSettings
        {
            Vendor = "Hetzner",
            Url = settings.ApiUrl,
            Token = settings.Token,
            RequestTimeout = settings.RequestTimeout,
            Refusal = RefusalOf,
            Advice = Advice,
        },
        time,
        handler);

    public void Dispose() => _rest.Dispose();

    public Task<HetznerAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        _rest.SendAsync(RestCall.Get(path, budget.Requests), HetznerJson.Default.HetznerAnswer, cancellationToken);

    /// <summary>What a path names; null when Hetzner says that it does not exist.</summary>
    public Task<HetznerAnswer?> FindAsync(string path, CancellationToken cancellationToken) =>
        _rest.FindAsync(RestCall.Get(path, budget.Requests), HetznerJson.Default.HetznerAnswer, cancellationToken);

    public Task<HetznerAnswer> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _rest.SendAsync(
            RestCall.Send(HttpMethod.Post, path, body, type, budget.Requests), HetznerJson.Default.HetznerAnswer, cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        _rest.DeleteAsync(RestCall.Delete(path, budget.Requests), cancellationToken);

    /// <summary>Every element of a collection.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(
        string path, Func<HetznerAnswer, IReadOnlyList<T>?> items, Func<T, long> id, CancellationToken cancellationToken) =>
        Pager.AllAsync(
            $"GET {path.Split('?')[0]}",
            async number =>
            {
                var page = await GetAsync(
                    $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}per_page={PageSize}&page={number ?? "1"}",
                    cancellationToken).ConfigureAwait(false);
                var pagination = page.Meta?.Pagination;
                return new RestPage<T>(
                    items(page) ?? throw new CloudException(
                        CloudErrorKind.Transient, $"GET {path.Split('?')[0]}: the answer holds no list"),
                    pagination?.NextPage?.ToString(CultureInfo.InvariantCulture),
                    pagination?.TotalEntries);
            },
            id);

    /// <summary>Watches an action to its end.</summary>
    /// <exception cref="CloudException">It failed; the kind says why.</exception>
    public async Task SettleAsync(HetznerAction? action, CancellationToken cancellationToken)
    {
        if (action is null)
        {
            return;
        }

        var first = true;
        var ended = await Operation.EndOfAsync(
            async () =>
            {
                if (first)
                {
                    first = false;
                    return action;
                }

                return (await GetAsync($"actions/{action.Id}", cancellationToken).ConfigureAwait(false)).Action ?? action;
            },
            a => a.Status != "running",
            ActionInterval,
            time,
            cancellationToken).ConfigureAwait(false);
        if (ended.Status == "error")
        {
            var (code, message) = (ended.Error?.Code ?? "", ended.Error?.Message ?? "no reason given");
            // An action that failed has ended: nothing of it happens later.
            throw new CloudException(
                Table.KindOf(200, code, message), $"Hetzner's action {ended.Command} ({ended.Id}) failed: {message} ({code})",
                mayHaveTakenEffect: false);
        }
    }

    private static RestRefusal RefusalOf(RestAnswer answer)
    {
        var error = answer.ReadOrNull(HetznerJson.Default.HetznerFailure)?.Error;
        var (code, message) = (error?.Code ?? "", error?.Message ?? answer.Excerpt());
        return new RestRefusal(
            Table.KindOf(answer.Status, code, message),
            $"Hetzner answered {answer.Status}: {message}{(code.Length > 0 ? $" ({code})" : "")}", code);
    }

    private static string Advice(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth => "; make an API token with read and write permission in the project",
        CloudErrorKind.QuotaExceeded => "; the project's limit is reached: delete something, or ask Hetzner to raise the limit",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };
}
