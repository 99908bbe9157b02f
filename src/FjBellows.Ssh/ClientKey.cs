using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FjBellows.Dispatch;
using Org.BouncyCastle.Crypto;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace FjBellows.Ssh;

/// <summary>The private key this side logs in with: ed25519, RSA or ECDSA, in OpenSSH's or PEM form, with or without a
/// passphrase.</summary>
public sealed class ClientKey
{
    private ClientKey(PrivateKeyFile source, string publicKey)
    {
        Source = source;
        PublicKey = publicKey;
    }

    /// <summary>The public half as a line of an <c>authorized_keys</c> file.</summary>
    public string PublicKey { get; }

    internal PrivateKeyFile Source { get; }

    /// <summary>Reads a key file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">What it is encrypted with; null or empty when it is not.</param>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.Misconfigured"/>: the file cannot be read or is no private
    /// key.</exception>
    public static ClientKey Read(string path, Secret? passphrase = null)
    {
        try
        {
            return Parse(new Secret(File.ReadAllText(path)), passphrase, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SessionException(SessionErrorKind.Misconfigured, $"the SSH private key {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a key from its text.</summary>
    /// <param name="text">The text of a key file.</param>
    /// <param name="passphrase">What it is encrypted with; null or empty when it is not.</param>
    /// <param name="origin">Where the text came from, for messages.</param>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.Misconfigured"/>: the text is no private key or the passphrase is
    /// wrong.</exception>
    public static ClientKey Parse(Secret text, Secret? passphrase, string origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text.Reveal()));
            var file = passphrase is { IsEmpty: false } ? new PrivateKeyFile(stream, passphrase.Reveal()) : new PrivateKeyFile(stream);
            return new ClientKey(file, PublicLine(file));
        }
        catch (SshPassPhraseNullOrEmptyException e)
        {
            throw new SessionException(SessionErrorKind.Misconfigured, $"the SSH private key {origin} is encrypted: set its passphrase", e);
        }
        catch (Exception e) when (e is SshException or ArgumentException or FormatException or InvalidOperationException
            or NotSupportedException or IOException or CryptographicException or CryptoException)
        {
            var doubt = passphrase is { IsEmpty: false }
                ? "is no private key, or its passphrase is another one"
                : "is no private key in OpenSSH or PEM form, or is encrypted: set its passphrase";
            throw new SessionException(SessionErrorKind.Misconfigured, $"the SSH private key {origin} {doubt}: {e.Message}", e);
        }
    }

    private static string PublicLine(PrivateKeyFile file)
    {
        var blob = file.HostKeyAlgorithms.OfType<KeyHostAlgorithm>().First().Data;
        var name = Encoding.ASCII.GetString(blob, 4, BinaryPrimitives.ReadInt32BigEndian(blob));
        return $"{name} {Convert.ToBase64String(blob)}";
    }
}
