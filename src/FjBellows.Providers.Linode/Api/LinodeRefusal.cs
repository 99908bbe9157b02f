using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode.Api;

/// <summary>Linode's answer to a request it did not carry out. Linode sends sentences and no codes, so they are read for what they mean;
/// a sentence no one has seen yet falls to the status code.</summary>
internal sealed class LinodeRefusal(int status, IReadOnlyList<LinodeError> errors, string body)
    : RestRefusal(KindOf(status, errors), Sentence(status, errors, body))
{
    /// <summary>Stands for the code that Linode does not send: the body is Linode's own.</summary>
    private const string Own = "linode";

    private static readonly string[] NetworkWords = ["firewall", "subnet", "vpc", "placement group", "placement_group"];

    private static readonly RefusalTable Table = new(
        RefusalTable.ServerFailure,
        new(CloudErrorKind.NotFound) { Statuses = [404], Codes = [Own] },
        new(CloudErrorKind.RateLimited) { Statuses = [429] },
        new(CloudErrorKind.Auth) { Statuses = [401] },
        new(CloudErrorKind.CapacityOut)
        {
            Texts = [
                "not currently available", "not available in", "no open slots", "out of capacity", "insufficient capacity", "no capacity",
                "sold out", "unable to provision"],
        },
        new(CloudErrorKind.Conflict) { Texts = ["must be unique", "already exists", "already in use", "is taken", "already has a"] },
        new(CloudErrorKind.QuotaExceeded) { Texts = ["account limit", "limit reached", "support ticket", "quota", "maximum number of"] },
        new(CloudErrorKind.Conflict)
        {
            Texts = [
                "busy", "locked", "lock on", "being cloned", "being restored", "in progress", "ongoing", "must be detached", "in use",
                "still attached"],
        });

    /// <summary>The placement group took no more: it is full, or no host is left that would keep its members apart.</summary>
    public bool IsPlacementGroupFull => IsGroupFull(status, errors);

    /// <summary>A firewall, subnet or placement group that was to be used does not exist any more.</summary>
    public bool MissesNetwork =>
        status is 400 or 403 or 404
            && errors.Any(e => Means(e, "not found", "invalid", "does not exist") && NetworkWords.Any(w => Names(e, w)));

    public static IReadOnlyList<LinodeError> ReadErrors(RestAnswer answer) =>
        [.. (answer.ReadOrNull(LinodeJson.Default.LinodeErrors)?.Errors ?? []).Where(e => e?.Reason is not null)];

    private static CloudErrorKind KindOf(int status, IReadOnlyList<LinodeError> errors) =>
        IsGroupFull(status, errors)
            ? CloudErrorKind.CapacityOut
            : Table.KindOf(status, errors.Count > 0 ? Own : "", string.Join('\n', errors.Select(e => e.Reason)));

    private static bool IsGroupFull(int status, IReadOnlyList<LinodeError> errors) =>
        status is 400 or 403 or 409
            && errors.Any(e => Names(e, "placement") && !Means(e, "not found", "invalid", "required", "must be unique", "region"));

    private static bool Means(LinodeError error, params string[] words) =>
        words.Any(w => error.Reason.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static bool Names(LinodeError error, string word) =>
        error.Reason.Contains(word, StringComparison.OrdinalIgnoreCase)
            || (error.Field?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false);

    private static string Sentence(int status, IReadOnlyList<LinodeError> errors, string body) =>
        $"Linode answered {status}: " +
        $"{(errors.Count > 0 ? string.Join("; ", errors.Select(e => e.Field is null ? e.Reason : $"{e.Field}: {e.Reason}")) : body)}";
}
