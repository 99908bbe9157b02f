namespace FjBellows.Dispatch;

/// <summary>How the machines of a pool are reached, whatever the mechanism: SSH, an engine's exec API, or processes on this host.</summary>
public interface IWorkerConnector
{
    /// <summary>Makes what a new worker is born with, before the cloud is called: its host key and first-boot document.</summary>
    /// <param name="worker">The worker's (and instance's) name.</param>
    /// <returns>The seed; its private part lives in the user data only and is not kept.</returns>
    /// <exception cref="SessionException">The document does not fit the provider's limit, or a key file cannot be read
    /// (<see cref="SessionErrorKind.Misconfigured"/>).</exception>
    Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken);

    /// <summary>Opens a session: connects, verifies the pinned key, brings up whatever jobs need to reach Forgejo.</summary>
    /// <param name="endpoint">Where the worker is and which key it must show.</param>
    /// <returns>A live session, to be disposed of by the caller.</returns>
    /// <exception cref="SessionException">Nothing answered, or the wrong host did (<see cref="SessionErrorKind.HostKeyMismatch"/>), or the
    /// way back to Forgejo was refused (<see cref="SessionErrorKind.ForwardRefused"/>).</exception>
    Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>What a worker is born with.</summary>
/// <param name="HostKey">The public host key in OpenSSH's form (<c>ssh-ed25519 AAAA…</c>), null where the mechanism has none or the key
/// cannot be seeded.</param>
/// <param name="UserData">The first-boot document; may hold the private host key.</param>
/// <param name="AuthorizedKeys">Public keys that may log in, for clouds that take them beside the user data.</param>
public sealed record WorkerSeed(string? HostKey, Secret UserData, IReadOnlyList<string> AuthorizedKeys)
{
    /// <summary>The seed of a worker that needs nothing.</summary>
    public static WorkerSeed Nothing { get; } = new(null, new Secret(""), []);
}

/// <summary>Where a worker is and how it proves itself.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="InstanceId">The cloud's id of its instance.</param>
/// <param name="Addresses">Where to connect, best first.</param>
/// <param name="HostKey">The pinned public host key, null when none could be seeded or learned yet.</param>
public sealed record WorkerEndpoint(string Worker, string InstanceId, IReadOnlyList<string> Addresses, string? HostKey);
