using FjBellows.Dispatch;

namespace FjBellows.Workers.Session;

/// <summary>Opens and closes connections so that none is left behind.</summary>
internal static class Connections
{
    /// <summary>Opens a connection; one that opens after its time is up is closed again.</summary>
    /// <param name="connector">The mechanism.</param>
    /// <param name="endpoint">Where the worker is, and its pin.</param>
    /// <param name="token">Ends the attempt.</param>
    public static async Task<IWorkerSession> OpenAsync(IWorkerConnector connector, WorkerEndpoint endpoint, CancellationToken token)
    {
        var way = await connector.ConnectAsync(endpoint, token).ConfigureAwait(false);
        if (token.IsCancellationRequested)
        {
            await CloseAsync(way).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
        }

        return way;
    }

    /// <summary>Closes a connection, whatever state it is in.</summary>
    /// <param name="way">The connection.</param>
    public static async Task CloseAsync(IWorkerSession way)
    {
        try
        {
            await way.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is given up either way; no one waits for how its end went.
        }
    }
}
