using Renci.SshNet;

namespace FjBellows.Ssh;

/// <summary>The names of what this side can speak, as SSH's protocol and OpenSSH's configuration write them.</summary>
public static class SshAlgorithms
{
    private static readonly ConnectionInfo Everything = new("localhost", "nobody", new NoneAuthenticationMethod("nobody"));

    /// <summary>Every key exchange that can be offered.</summary>
    public static IReadOnlyList<string> KeyExchanges { get; } = [.. Everything.KeyExchangeAlgorithms.Keys];

    /// <summary>Every cipher that can be offered.</summary>
    public static IReadOnlyList<string> Ciphers { get; } = [.. Everything.Encryptions.Keys];

    /// <summary>The key exchanges offered unless others are asked for. Curve25519 costs a third of the post-quantum default of the
    /// library.</summary>
    public static IReadOnlyList<string> DefaultKeyExchanges { get; } = ["curve25519-sha256", "curve25519-sha256@libssh.org"];

    /// <summary>The ciphers offered unless others are asked for.</summary>
    public static IReadOnlyList<string> DefaultCiphers { get; } = ["aes256-gcm@openssh.com"];
}
