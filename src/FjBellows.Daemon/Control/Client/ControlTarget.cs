namespace FjBellows.Daemon.Control.Client;

/// <summary>Where a command finds the daemon.</summary>
/// <param name="Url">Its base URL; on a unix socket only the form of one.</param>
/// <param name="Token">What it is shown; null for nothing.</param>
/// <param name="Socket">The unix socket; null for the URL's address and port.</param>
internal sealed record ControlTarget(Uri Url, Secret? Token = null, string? Socket = null)
{
    private static readonly Uri OverSocket = new("http://localhost/");

    /// <summary>The daemon behind a unix socket, which knows its callers without a token.</summary>
    /// <param name="path">The socket.</param>
    public static ControlTarget At(string path) => new(OverSocket, null, path);

    /// <inheritdoc />
    public override string ToString() => Socket is null ? Url.ToString() : $"the unix socket {Socket}";
}
