using System.Security.Cryptography;
using FjBellows.Dispatch;

namespace FjBellows.Ssh.HostKeys;

/// <summary>The one host key a worker may show.</summary>
internal sealed class HostKeyPin
{
    private static readonly string[] RsaSignatures = ["rsa-sha2-512", "rsa-sha2-256"];

    private readonly byte[] _key;

    private HostKeyPin(string type, byte[] key)
    {
        Type = type;
        _key = key;
    }

    /// <summary>The key's type, such as <c>ssh-ed25519</c>.</summary>
    public string Type { get; }

    /// <summary>The signature algorithms that can prove this key, and therefore the only ones offered (invariant S1).</summary>
    public IReadOnlyList<string> Algorithms => Type == "ssh-rsa" ? RsaSignatures : [Type];

    /// <summary>The key as <c>ssh-keygen -l</c> names it.</summary>
    public string Fingerprint => FingerprintOf(_key);

    /// <summary>Reads <c>type base64 [comment]</c>.</summary>
    public static HostKeyPin Parse(string publicKey)
    {
        var parts = publicKey.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var key = new byte[parts.Length < 2 ? 0 : parts[1].Length];
        if (parts.Length < 2 || !Convert.TryFromBase64String(parts[1], key, out var length) || length == 0)
        {
            throw new SessionException(
                SessionErrorKind.Misconfigured, $"'{publicKey}' is no public host key of the form 'ssh-ed25519 AAAA…'");
        }

        return new HostKeyPin(parts[0], key[..length]);
    }

    public bool Matches(ReadOnlySpan<byte> shown) => CryptographicOperations.FixedTimeEquals(_key, shown);

    public static string FingerprintOf(ReadOnlySpan<byte> key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');
}
