using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>Hetzner's API: its pages, its actions, and what its refusals mean.</summary>
internal sealed class HetznerApi(HetznerSettings settings, HetznerBudget budget, TimeProvider time, HttpMessageHandler? handler)
    : AnswerApi<HetznerAnswer>(
    new RestSettings
    {
        Vendor = "Hetzner",
        Url = settings.ApiUrl,
        Token = settings.Token,
        RequestTimeout = settings.RequestTimeout,
        Refusal = RefusalOf,
        Advice = Advice,
    },
    HetznerJson.Default,
    budget.Requests,
    pageSize: 50,
    time,
    handler)
{
    private static readonly TimeSpan ActionInterval = TimeSpan.FromSeconds(1);

    private static readonly RefusalTable Table = new(
        new(CloudErrorKind.NotFound) { Statuses = [404], Codes = ["not_found"] },
        new(CloudErrorKind.CapacityOut) { Codes = ["resource_unavailable", "placement_error"] },
        new(CloudErrorKind.QuotaExceeded) { Codes = ["resource_limit_exceeded", "no_subnet_available", "ip_not_available"] },
        new(CloudErrorKind.RateLimited) { Codes = ["rate_limit_exceeded"] },
        new(CloudErrorKind.Auth) { Codes = ["unauthorized", "forbidden", "token_readonly"] },
        new(CloudErrorKind.Conflict) { Codes = ["uniqueness_error", "conflict", "locked", "protected", "resource_in_use"] },
        new(CloudErrorKind.Transient)
        {
            Codes = ["maintenance", "robot_unavailable", "service_error", "server_error", "unavailable", "timeout", "bad_gateway"],
        },
        new(CloudErrorKind.InvalidConfig)
        {
            Codes = [
                "invalid_input", "json_error", "resource_locked", "deprecated_api_endpoint", "unsupported_error", "invalid_server_type"],
        });

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
            Time,
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

    protected override (int? Next, int? Total) After(HetznerAnswer answer, int page) =>
        (answer.Meta?.Pagination?.NextPage, answer.Meta?.Pagination?.TotalEntries);

    private static RestRefusal RefusalOf(RestAnswer answer)
    {
        var error = answer.ReadOrNull(HetznerJson.Default.HetznerFailure)?.Error;
        return Table.Refuse("Hetzner", answer, error?.Code, error?.Message);
    }

    private static string Advice(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth => "; make an API token with read and write permission in the project",
        CloudErrorKind.QuotaExceeded => "; the project's limit is reached: delete something, or ask Hetzner to raise the limit",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };
}
