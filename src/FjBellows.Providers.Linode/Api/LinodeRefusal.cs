using System.Globalization;
using System.Text.Json;

namespace FjBellows.Providers.Linode.Api;

/// <summary>Linode's answer to a request it did not carry out. Linode sends sentences and no codes, so they are read for what they mean;
/// a sentence nobody has seen yet falls to the status code.</summary>
internal sealed class LinodeRefusal : Exception
{
    private static readonly string[] CapacityWords =
        ["not currently available", "not available in", "no open slots", "out of capacity", "insufficient capacity", "no capacity", "sold out", "unable to provision"];

    private static readonly string[] QuotaWords = ["account limit", "limit reached", "support ticket", "quota", "maximum number of"];
    private static readonly string[] TakenWords = ["must be unique", "already exists", "already in use", "is taken", "already has a"];
    private static readonly string[] BusyWords = ["busy", "locked", "lock on", "being cloned", "being restored", "in progress", "ongoing", "must be detached", "in use", "still attached"];
    private static readonly string[] NetworkWords = ["firewall", "subnet", "vpc", "placement group", "placement_group"];

    public LinodeRefusal(int status, IReadOnlyList<LinodeError> errors, string body)
        : base(Sentence(status, errors, body))
    {
        Status = status;
        Errors = errors;
    }

    public int Status { get; }

    public IReadOnlyList<LinodeError> Errors { get; }

    public CloudErrorKind Kind => Status switch
    {
        429 => CloudErrorKind.RateLimited,
        408 or >= 500 => CloudErrorKind.Transient,
        // A proxy's 404 page proves no absence; Linode's own names its reason.
        404 => Errors.Count > 0 ? CloudErrorKind.NotFound : CloudErrorKind.Transient,
        401 => CloudErrorKind.Auth,
        _ when IsPlacementGroupFull => CloudErrorKind.CapacityOut,
        _ when Says(CapacityWords) => CloudErrorKind.CapacityOut,
        _ when Says(TakenWords) => CloudErrorKind.Conflict,
        _ when Says(QuotaWords) => CloudErrorKind.QuotaExceeded,
        _ when Says(BusyWords) => CloudErrorKind.Conflict,
        409 or 423 => CloudErrorKind.Conflict,
        403 => CloudErrorKind.Auth,
        _ => CloudErrorKind.InvalidConfig,
    };

    /// <summary>The placement group took no more: it is full, or no host is left that would keep its members apart.</summary>
    public bool IsPlacementGroupFull =>
        Status is 400 or 403 or 409 && Errors.Any(e => Names(e, "placement") && !Means(e, "not found", "invalid", "required", "must be unique", "region"));

    /// <summary>A firewall, subnet or placement group that was to be used does not exist any more.</summary>
    public bool MissesNetwork =>
        Status is 400 or 403 or 404 && Errors.Any(e => Means(e, "not found", "invalid", "does not exist") && NetworkWords.Any(w => Names(e, w)));

    public static IReadOnlyList<LinodeError> ReadErrors(string body)
    {
        try
        {
            return [.. (JsonSerializer.Deserialize(body, LinodeJson.Default.LinodeErrors)?.Errors ?? []).Where(e => e?.Reason is not null)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private bool Says(string[] words) => Errors.Any(e => Means(e, words));

    private static bool Means(LinodeError error, params string[] words) =>
        words.Any(w => error.Reason.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static bool Names(LinodeError error, string word) =>
        error.Reason.Contains(word, StringComparison.OrdinalIgnoreCase) || (error.Field?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false);

    private static string Sentence(int status, IReadOnlyList<LinodeError> errors, string body)
    {
        var code = status.ToString(CultureInfo.InvariantCulture);
        return errors.Count > 0
            ? $"Linode answered {code}: {string.Join("; ", errors.Select(e => e.Field is null ? e.Reason : $"{e.Field}: {e.Reason}"))}"
            : $"Linode answered {code}: {Excerpt(body)}";
    }

    internal static string Excerpt(string body) => body.Length == 0 ? "(nothing)" : body.Length <= 200 ? body : body[..200] + "…";
}
