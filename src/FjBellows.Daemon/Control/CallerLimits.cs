using Microsoft.AspNetCore.Connections;

namespace FjBellows.Daemon.Control;

/// <summary>How much one caller may hold at once, so that none keeps the others out by holding everything (invariant S11).</summary>
internal sealed class CallerLimits
{
    /// <summary>The most connections of one caller.</summary>
    public const int Connections = 256;

    /// <summary>The most streams of one caller that shows no token.</summary>
    public const int Streams = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Caller, string What), int> _held = [];

    /// <summary>Takes one of what a caller may have.</summary>
    /// <param name="caller">The caller's key.</param>
    /// <param name="what">What is taken.</param>
    /// <param name="most">The most at once.</param>
    /// <returns>Gives it back; null when the caller has as many already.</returns>
    public IDisposable? TryTake(string caller, string what, int most)
    {
        lock (_gate)
        {
            var held = _held.GetValueOrDefault((caller, what));
            if (held >= most)
            {
                return null;
            }

            _held[(caller, what)] = held + 1;
            return new Taken(this, (caller, what));
        }
    }

    /// <summary>Serves a connection, or closes it at once.</summary>
    /// <param name="next">Serves it.</param>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var peer = ControlPeer.Of(connection.Features, (connection.RemoteEndPoint as System.Net.IPEndPoint)?.Address);
        using var taken = TryTake(peer.Key, "connections", Connections);
        if (taken is null)
        {
            connection.Abort();
            return;
        }

        await next(connection).ConfigureAwait(false);
    }

    private void GiveBack((string Caller, string What) key)
    {
        lock (_gate)
        {
            if (--_held[key] == 0)
            {
                _held.Remove(key);
            }
        }
    }

    private sealed class Taken(CallerLimits limits, (string Caller, string What) key) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                limits.GiveBack(key);
            }
        }
    }
}
