using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace FjBellows.Ssh.HostKeys;

/// <summary>A host key made for one worker before it is created, so that its first connection can be verified (invariant S1).</summary>
/// <param name="PublicKey">The public half in OpenSSH's form, without a comment.</param>
/// <param name="PrivateKey">The private half as an OpenSSH private key file.</param>
public sealed record HostKeyPair(string PublicKey, Secret PrivateKey)
{
    /// <summary>A fresh ed25519 pair.</summary>
    public static HostKeyPair Generate()
    {
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var pair = generator.GenerateKeyPair();
        var open = Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(pair.Public));
        var closed = Convert.ToBase64String(OpenSshPrivateKeyUtilities.EncodePrivateKey(pair.Private));
        var lines = string.Join('\n', closed.Chunk(70).Select(line => new string(line)));
        return new HostKeyPair(
            $"ssh-ed25519 {open}",
            new Secret($"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n"));
    }
}
