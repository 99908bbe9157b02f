namespace FjBellows.Providers.Rest;

/// <summary>Reads a collection that comes in pages: all of it, or a failure. A partial list is never returned, since absence from a list is
/// evidence (invariant W11).</summary>
public static class Pager
{
    private const int Attempts = 4;
    private const int MostPages = 1000;

    /// <summary>Every element, each once. When the collection changed its size while its pages were read, elements may have moved from a
    /// page not yet read to one read already; then it is read again.</summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <typeparam name="TId">Their ids.</typeparam>
    /// <param name="what">What is read, for messages.</param>
    /// <param name="read">Reads a page: the first for null, else the one that a page before it named. Null: there is no such page any
    /// more.</param>
    /// <param name="id">An element's id.</param>
    /// <exception cref="CloudException">A page could not be read, or the list kept changing.</exception>
    public static async Task<IReadOnlyList<T>> AllAsync<T, TId>(string what, Func<string?, Task<RestPage<T>?>> read, Func<T, TId> id)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(read);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (await OnceAsync(what, read).ConfigureAwait(false) is { } all)
            {
                List<T> distinct = [.. all.Items.DistinctBy(id)];
                if (all.Total is not { } total || distinct.Count >= total)
                {
                    return distinct;
                }
            }
        }

        throw new CloudException(
            CloudErrorKind.Transient, $"{what}: the list kept changing while its pages were read, {Attempts} times in a row");
    }

    private static async Task<RestPage<T>?> OnceAsync<T>(string what, Func<string?, Task<RestPage<T>?>> read)
    {
        if (await read(null).ConfigureAwait(false) is not { } first)
        {
            throw new CloudException(CloudErrorKind.Transient, $"{what}: there is no first page");
        }

        var all = new List<T>(first.Items);
        var next = first.Next;
        for (var pages = 1; next is not null; pages++)
        {
            if (pages == MostPages)
            {
                throw new CloudException(CloudErrorKind.Transient, $"{what}: the list has no end after {MostPages} pages");
            }

            if (await read(next).ConfigureAwait(false) is not { } page || page.Total != first.Total)
            {
                return null;
            }

            all.AddRange(page.Items);
            next = page.Next;
        }

        return first with { Items = all };
    }
}

/// <summary>One page of a collection.</summary>
/// <typeparam name="T">The elements.</typeparam>
/// <param name="Items">The elements on it.</param>
/// <param name="Next">What names the next page, a number or a token; null on the last.</param>
/// <param name="Total">How many elements there are in all; null where the cloud does not say.</param>
public sealed record RestPage<T>(IReadOnlyList<T> Items, string? Next, int? Total);
