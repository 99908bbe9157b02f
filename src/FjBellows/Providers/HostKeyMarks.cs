namespace FjBellows.Providers;

/// <summary>A worker's public host key as marks on its instance, so that it can be connected to after its journal was lost (invariant O2).
/// Two marks of the portable alphabet, since clouds limit a mark to 50 characters and some ignore case. A public key is no
/// secret.</summary>
internal static class HostKeyMarks
{
    private const string First = "fjb-k1-";
    private const string Second = "fjb-k2-";
    private const string KeyType = "ssh-ed25519 ";
    private const int KeyBytes = 32;

    // The wire form's prefix: the type and its length, then the length of the key.
    private static readonly byte[] Prefix = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, KeyBytes];

    /// <summary>The marks of a key; none where there is no key or it is not an ssh-ed25519 key.</summary>
    /// <param name="hostKey">The public key in OpenSSH's form; null where none was seeded.</param>
    public static IReadOnlyList<string> Of(string? hostKey)
    {
        if (hostKey is null || !hostKey.StartsWith(KeyType, StringComparison.Ordinal))
        {
            return [];
        }

        var wire = new byte[Prefix.Length + KeyBytes];
        if (!Convert.TryFromBase64String(hostKey[KeyType.Length..].Split(' ')[0], wire, out var length) || length != wire.Length
            || !wire.AsSpan().StartsWith(Prefix))
        {
            return [];
        }

        var hex = Convert.ToHexStringLower(wire.AsSpan(Prefix.Length));
        return [First + hex[..KeyBytes], Second + hex[KeyBytes..]];
    }

    /// <summary>The key that an instance's marks carry, in OpenSSH's form; null where they carry none.</summary>
    /// <param name="tags">The marks.</param>
    public static string? Find(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var (first, second) = (Half(tags, First), Half(tags, Second));
        return first is null || second is null ? null : KeyType + Convert.ToBase64String([.. Prefix, .. first, .. second]);
    }

    private static byte[]? Half(IReadOnlyList<string> tags, string prefix)
    {
        var half = new byte[KeyBytes / 2];
        return tags.FirstOrDefault(t => t.StartsWith(prefix, StringComparison.Ordinal)) is { } tag
            && tag.Length == prefix.Length + KeyBytes
            && Convert.FromHexString(tag.AsSpan(prefix.Length), half, out _, out _) == System.Buffers.OperationStatus.Done ? half : null;
    }
}
