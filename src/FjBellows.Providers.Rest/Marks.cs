namespace FjBellows.Providers.Rest;

/// <summary>Both marks of an <see cref="Ownership"/> where a cloud keeps keys and values instead of tags.</summary>
public static class Marks
{
    /// <summary>The key of the deployment's tag.</summary>
    public const string TagKey = "fjb-tag";

    /// <summary>The key of the owner identity.</summary>
    public const string OwnerKey = "fjb-owner";

    /// <summary>The marks as keys and values.</summary>
    public static Dictionary<string, string> ToLabels(Ownership ownership)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        return new Dictionary<string, string>(StringComparer.Ordinal) { [TagKey] = ownership.Tag, [OwnerKey] = ownership.Owner };
    }

    /// <summary>Keys and values as <see cref="Instance.Tags"/>: the marks are the values of our two keys, never those of another.</summary>
    /// <param name="labels">What the cloud says; null for nothing.</param>
    public static IReadOnlyList<string> ToTags(IReadOnlyDictionary<string, string>? labels) =>
        labels is null ? [] : [.. new[] { TagKey, OwnerKey }.Select(k => labels.GetValueOrDefault(k)).OfType<string>()];

    /// <summary>True when keys and values carry both marks.</summary>
    /// <param name="labels">What the cloud says; null for nothing.</param>
    public static bool IsOurs(IReadOnlyDictionary<string, string>? labels, Ownership ownership)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        return labels?.GetValueOrDefault(TagKey) == ownership.Tag && labels.GetValueOrDefault(OwnerKey) == ownership.Owner;
    }
}
