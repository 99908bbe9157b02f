using System.Globalization;
using System.Text.Json.Serialization;

namespace FjBellows.Providers.Rest;

/// <summary>The API of a cloud that names everything in its answers, so that one type reads all of them, and that numbers the pages of its
/// collections (<c>per_page</c> and <c>page</c>).</summary>
/// <typeparam name="TAnswer">Every answer.</typeparam>
/// <param name="settings">The account.</param>
/// <param name="json">How bodies are written and answers read.</param>
/// <param name="budget">The budget that requests are counted in.</param>
/// <param name="pageSize">The largest page that the cloud gives.</param>
/// <param name="time">The clock.</param>
/// <param name="handler">Another way to the cloud, in tests; it is not disposed of.</param>
public abstract class AnswerApi<TAnswer>(
    RestSettings settings, JsonSerializerContext json, RequestBudget budget, int pageSize, TimeProvider time, HttpMessageHandler? handler)
    : RestApi(settings, json, budget, time, handler)
    where TAnswer : class
{
    /// <summary>What a path names.</summary>
    /// <param name="path">The path below the API's base, with its query, escaped.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CloudException">It was refused, or no usable answer came.</exception>
    public Task<TAnswer> GetAsync(string path, CancellationToken cancellationToken) => GetAsync<TAnswer>(path, cancellationToken);

    /// <summary>What a path names; null when the cloud itself says that it does not exist.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TAnswer?> FindAsync(string path, CancellationToken cancellationToken) => FindAsync<TAnswer>(path, cancellationToken);

    /// <summary>Makes something.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <param name="body">What is sent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TAnswer> PostAsync<TBody>(string path, TBody body, CancellationToken cancellationToken) =>
        PostAsync<TBody, TAnswer>(path, body, cancellationToken);

    /// <summary>Every element of a collection.</summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <typeparam name="TId">Their ids.</typeparam>
    /// <param name="path">The collection's path, with or without a query.</param>
    /// <param name="items">The elements in an answer; null where it holds no list.</param>
    /// <param name="id">An element's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<T>> ListAsync<T, TId>(
        string path, Func<TAnswer, IReadOnlyList<T>?> items, Func<T, TId> id, CancellationToken cancellationToken)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(items);
        var name = $"GET {path.Split('?')[0]}";
        var query = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return Pager.AllAsync(
            name,
            async page =>
            {
                var number = page is null ? 1 : int.Parse(page, CultureInfo.InvariantCulture);
                var answer = await GetAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{path}{query}per_page={pageSize}&page={number}"),
                    cancellationToken).ConfigureAwait(false);
                var listed = items(answer) ?? throw new CloudException(CloudErrorKind.Transient, $"{name}: the answer holds no list");
                var (next, total) = After(answer, number);
                return new RestPage<T>(listed, next?.ToString(CultureInfo.InvariantCulture), total);
            },
            id);
    }

    /// <summary>What a page says of the collection: the number of the next page, null on the last; and how many elements there are, null
    /// where it does not say.</summary>
    /// <param name="answer">The page.</param>
    /// <param name="page">Its number.</param>
    protected abstract (int? Next, int? Total) After(TAnswer answer, int page);
}
