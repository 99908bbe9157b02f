using FjBellows.Jobs;
using Flurl;

namespace FjBellows.Forgejo;

/// <summary>Reads the scope's whole list of registrations.</summary>
internal static class RunnerPages
{
    public const int PageSize = 50;
    public const int MostPages = 400;
    private const int Passes = 3;

    /// <summary>Every registration owned by the scope. Forgejo orders them by when it last heard of them and names no second key, so rows
    /// wander between two pages, and pages may repeat or miss rows even when nothing moves; a pass through them counts only when it has as
    /// many different rows as Forgejo says there are. The Link header is not followed: it speaks of pages for a list that is not paged,
    /// too.</summary>
    /// <exception cref="ForgejoException">A page could not be read, or the list would not hold still.</exception>
    public static async Task<IReadOnlyList<RegisteredRunner>> ReadAsync(ForgejoTransport forgejo, CancellationToken cancellationToken)
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            if (await ReadPagesAsync(forgejo, cancellationToken).ConfigureAwait(false) is { } complete)
            {
                return complete;
            }
        }

        // More than a page of busy runners may never hold still. Without a page number Forgejo sends all rows at once.
        var (all, total) = await ReadPageAsync(forgejo, forgejo.Runners(), cancellationToken).ConfigureAwait(false);
        var distinct = all.DistinctBy(r => r.Id).ToArray();
        return total == distinct.Length
            ? distinct
            : throw new ForgejoException(
                ForgejoErrorKind.Unreachable,
                $"the runners of scope '{forgejo.Settings.Scope}' changed each time while their list was read; it is read again later");
    }

    private static async Task<IReadOnlyList<RegisteredRunner>?> ReadPagesAsync(
        ForgejoTransport forgejo, CancellationToken cancellationToken)
    {
        var runners = new Dictionary<long, RegisteredRunner>();
        int? expected = null;
        var rows = 0;
        for (var page = 1; page <= MostPages; page++)
        {
            var url = forgejo.Runners().SetQueryParam("page", page).SetQueryParam("limit", PageSize);
            var (items, total) = await ReadPageAsync(forgejo, url, cancellationToken).ConfigureAwait(false);
            if (page > 1 && total != expected)
            {
                return null;
            }

            expected = total;
            rows += items.Count;
            var before = runners.Count;
            foreach (var runner in items)
            {
                runners[runner.Id] = runner;
            }

            if (total is null ? runners.Count == before : items.Count == 0 || rows >= total)
            {
                break;
            }
        }

        return expected is null || expected == runners.Count ? [.. runners.Values] : null;
    }

    private static async Task<(IReadOnlyList<RegisteredRunner> Items, int? Total)> ReadPageAsync(
        ForgejoTransport forgejo, Url url, CancellationToken cancellationToken)
    {
        var answer = await forgejo.SucceedAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
        var items = answer.ReadList(WireJson.Default.IReadOnlyListWireRunner, "runners", "data");
        return ([.. items.Select(r => r.ToRunner())], answer.TotalCount);
    }
}
