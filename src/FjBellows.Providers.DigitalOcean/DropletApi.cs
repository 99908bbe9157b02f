using FjBellows.Providers.Rest;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>DigitalOcean's API: its pages, and what its refusals mean. It never deletes by tag: that call deletes whatever carries the
/// tag.</summary>
internal sealed class DropletApi(DropletSettings settings, DropletBudget budget, TimeProvider time, HttpMessageHandler? handler)
    : AnswerApi<DropletAnswer>(
    new RestSettings
    {
        Vendor = "DigitalOcean",
        Url = settings.ApiUrl,
        Token = settings.Token,
        RequestTimeout = settings.RequestTimeout,
        Refusal = RefusalOf,
        Advice = Advice,
    },
    DropletJson.Default,
    budget.Requests,
    pageSize: 200,
    time,
    handler)
{
    private static readonly RefusalTable Table = new(
        RefusalTable.ServerFailure,
        new(CloudErrorKind.NotFound) { Statuses = [404], Codes = ["not_found"] },
        new(CloudErrorKind.QuotaExceeded) { Texts = ["exceed your droplet limit", "droplet limit"] },
        new(CloudErrorKind.CapacityOut)
        {
            Statuses = [422],
            Texts = ["currently unavailable", "is unavailable in", "not available in", "out of capacity", "no capacity"],
        },
        new(CloudErrorKind.RateLimited) { Codes = ["too_many_requests"] },
        new(CloudErrorKind.Conflict) { Statuses = [422], Texts = ["pending event", "locked"] });

    protected override (int? Next, int? Total) After(DropletAnswer answer, int page) =>
        (answer.Links?.Pages?.Next is { Length: > 0 } ? page + 1 : null, answer.Meta?.Total);

    private static RestRefusal RefusalOf(RestAnswer answer)
    {
        var failure = answer.ReadOrNull(DropletJson.Default.DropletFailure);
        return Table.Refuse("DigitalOcean", answer, failure?.Id, failure?.Message);
    }

    private static string Advice(CloudErrorKind kind) => kind switch
    {
        CloudErrorKind.Auth => "; the token needs the scopes droplet:create, droplet:read, droplet:delete and tag:create",
        CloudErrorKind.QuotaExceeded => "; the account's droplet limit is reached: delete something, or ask DigitalOcean to raise it",
        CloudErrorKind.InvalidConfig => "; correct provider_config",
        _ => "",
    };
}
