namespace FjBellows.Daemon.Configuration;

/// <summary>How workers are reached.</summary>
/// <param name="PrivateKeyFile">The private key's path, absolute; null where no provider needs one.</param>
/// <param name="Passphrase">Its passphrase, null when it has none.</param>
/// <param name="KeyExchanges">What is offered, best first.</param>
/// <param name="Ciphers">What is offered, best first.</param>
/// <param name="SeedHostKey">False when a worker's first key is trusted.</param>
internal sealed record SshConfig(
    string? PrivateKeyFile, Secret? Passphrase, string User, int Port, IReadOnlyList<string> KeyExchanges, IReadOnlyList<string> Ciphers,
    bool SeedHostKey);
