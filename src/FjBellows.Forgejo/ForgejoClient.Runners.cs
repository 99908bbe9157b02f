using FjBellows.Jobs;
using Flurl;

namespace FjBellows.Forgejo;

public sealed partial class ForgejoClient
{
    private const int PageSize = 50;
    private const int MostPages = 400;
    private const int Passes = 3;

    /// <summary>Every registration owned by the scope. Forgejo orders them by when it last heard of them, so rows wander between two pages;
    /// a pass through the pages counts only when it has as many different rows as Forgejo says there are.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ForgejoException">A page could not be read, or the list would not hold still.</exception>
    public async Task<IReadOnlyList<RegisteredRunner>> ListRunnersAsync(CancellationToken cancellationToken)
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            if (await ReadPagesAsync(cancellationToken).ConfigureAwait(false) is { } complete)
            {
                return complete;
            }
        }

        // More than a page of busy runners may never hold still. Without a page number Forgejo sends all rows at once.
        var (all, total) = await ReadPageAsync(Runners(), cancellationToken).ConfigureAwait(false);
        var distinct = all.DistinctBy(r => r.Id).ToArray();
        return total == distinct.Length
            ? distinct
            : throw new ForgejoException(
                ForgejoErrorKind.Unreachable,
                $"the runners of scope '{_settings.Scope}' changed each time while their list was read; it is read again later");
    }

    private async Task<IReadOnlyList<RegisteredRunner>?> ReadPagesAsync(CancellationToken cancellationToken)
    {
        var runners = new Dictionary<long, RegisteredRunner>();
        int? expected = null;
        var rows = 0;
        for (var page = 1; page <= MostPages; page++)
        {
            var url = Runners().SetQueryParam("page", page).SetQueryParam("limit", PageSize);
            var (items, total) = await ReadPageAsync(url, cancellationToken).ConfigureAwait(false);
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

    private async Task<(IReadOnlyList<RegisteredRunner> Items, int? Total)> ReadPageAsync(Url url, CancellationToken cancellationToken)
    {
        var answer = await SucceedAsync(HttpMethod.Get, url, null, cancellationToken).ConfigureAwait(false);
        var items = answer.ReadList(WireJson.Default.IReadOnlyListWireRunner, "runners", "data");
        return ([.. items.Select(ToRunner)], answer.TotalCount);
    }
}
