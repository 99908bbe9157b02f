using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FjBellows.Ssh.Tunnel;

/// <summary>Where a worker's tunnel ends on this side: a loopback port whose connections are relayed to Forgejo through the daemon's own
/// resolver. SSH.NET holds a blocked thread for every tunnelled connection and never tells it that the remote client has gone; so a
/// connection that carries nothing for a while is closed here, and so is the quietest one when there are too many.</summary>
internal sealed class ForwardRelay : IAsyncDisposable
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    private readonly string _host;
    private readonly int _port;
    private readonly int _most;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<RelayedConnection, bool> _open = new();
    private readonly Task _work;
    private long _accepted;
    private long _dialFailures;
    private long _closedIdle;
    private bool _disposed;

    public ForwardRelay(string host, int port, int mostConnections, TimeSpan idleTimeout, TimeProvider time)
    {
        _host = host;
        _port = port;
        _most = mostConnections;
        _idle = idleTimeout;
        _time = time;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _work = Task.WhenAll(AcceptAsync(), SweepAsync());
    }

    /// <summary>The loopback port.</summary>
    public int Port { get; }

    /// <summary>Connections open now.</summary>
    public int Open => _open.Count;

    /// <summary>Connections taken so far.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Connections dropped because Forgejo could not be reached.</summary>
    public long DialFailures => Interlocked.Read(ref _dialFailures);

    /// <summary>Connections closed for being quiet.</summary>
    public long ClosedIdle => Interlocked.Read(ref _closedIdle);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        foreach (var connection in _open.Keys)
        {
            connection.Close();
        }

        await _work.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var near = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _accepted);
                MakeRoom();
                _ = ServeAsync(near);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One connection that broke before it was taken, or no descriptor left for it: the next may do better.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        var connection = new RelayedConnection(near, far, _time);
        _open.TryAdd(connection, true);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(DialTimeout);
            try
            {
                await far.ConnectAsync(_host, _port, patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Only this connection ends; to the remote client it looks like a server that hangs up (invariant S6).
                Interlocked.Increment(ref _dialFailures);
                return;
            }

            await connection.RelayAsync().ConfigureAwait(false);
        }
        finally
        {
            connection.Close();
            _open.TryRemove(connection, out _);
        }
    }

    private void MakeRoom()
    {
        if (_open.Count >= _most && _open.Keys.MinBy(connection => connection.LastActive) is { } quietest
            && _open.TryRemove(quietest, out _))
        {
            Interlocked.Increment(ref _closedIdle);
            quietest.Close();
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(_idle / 4, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                foreach (var connection in _open.Keys.Where(connection => _time.GetElapsedTime(connection.LastActive) >= _idle))
                {
                    Interlocked.Increment(ref _closedIdle);
                    connection.Close();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The relay is being closed.
        }
    }
}
