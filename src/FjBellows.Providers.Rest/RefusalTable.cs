namespace FjBellows.Providers.Rest;

/// <summary>A cloud's refusals as data: the first row that matches says what kind of failure an answer is. Order matters: what a vendor
/// writes with several meanings under one status stands before the status alone.</summary>
/// <param name="rows">The rows, in the order in which they are tried.</param>
public sealed class RefusalTable(params IReadOnlyList<RefusalRow> rows)
{
    /// <summary>Whatever a server says beside it, it failed: for tables whose sentences would be misread under these statuses.</summary>
    public static RefusalRow ServerFailure { get; } = new(CloudErrorKind.Transient) { Statuses = [408, .. Enumerable.Range(500, 100)] };

    /// <summary>What every HTTP API means by these, whatever the vendor: tried after a table's own rows.</summary>
    private static readonly RefusalRow[] Common =
    [
        new(CloudErrorKind.RateLimited) { Statuses = [429] },
        new(CloudErrorKind.Transient) { Statuses = [408] },
        new(CloudErrorKind.Auth) { Statuses = [401, 403] },
        new(CloudErrorKind.Conflict) { Statuses = [409, 423] },
    ];

    /// <summary>The refusal that an answer is.</summary>
    /// <param name="vendor">The vendor's name.</param>
    /// <param name="code">The vendor's own code; null where it has none.</param>
    /// <param name="message">What the vendor says; null for the answer itself.</param>
    public RestRefusal Refuse(string vendor, RestAnswer answer, string? code, string? message)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var said = message ?? answer.Excerpt();
        return new(
            KindOf(answer.Status, code ?? "", said),
            $"{vendor} answered {answer.Status}: {said}{(code is { Length: > 0 } ? $" ({code})" : "")}", code ?? "");
    }

    /// <summary>What kind of failure an answer is.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="code">The vendor's code; empty when the body is not the vendor's own.</param>
    /// <param name="text">The vendor's sentence.</param>
    public CloudErrorKind KindOf(int status, string code, string text)
    {
        foreach (var row in rows.Concat(Common))
        {
            if (row.Matches(status, code, text))
            {
                return row.Kind;
            }
        }

        return status switch
        {
            // A proxy's page proves no absence; a vendor's own words do, and a table has a row for them.
            404 => CloudErrorKind.Transient,
            >= 400 and < 500 => CloudErrorKind.InvalidConfig,
            // Anything else, redirects included, is not what an API answers.
            _ => CloudErrorKind.Transient,
        };
    }
}

/// <summary>One row of a <see cref="RefusalTable"/>: a condition that is left out holds always.</summary>
/// <param name="Kind">What it means.</param>
public sealed record RefusalRow(CloudErrorKind Kind)
{
    /// <summary>The status codes.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>The vendor's codes.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Parts of the vendor's sentence; case does not matter.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    internal bool Matches(int status, string code, string text) =>
        (Statuses.Count == 0 || Statuses.Contains(status))
        && (Codes.Count == 0 || Codes.Contains(code, StringComparer.OrdinalIgnoreCase))
        && (Texts.Count == 0 || Texts.Any(t => text.Contains(t, StringComparison.OrdinalIgnoreCase)));
}
