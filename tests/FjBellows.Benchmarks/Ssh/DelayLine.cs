using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>A wire of a given length: every chunk arrives half a round trip after it was sent, in order, with any number on the way.
/// A new connection costs a round trip too, as TCP's handshake does.</summary>
internal sealed class DelayLine : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Parse("127.46.0.1"), 0);
    private readonly IPEndPoint _far;
    private readonly TimeSpan _oneWay;

    public DelayLine(IPEndPoint far, TimeSpan roundTrip)
    {
        (_far, _oneWay) = (far, roundTrip / 2);
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint Near => (IPEndPoint)_listener.LocalEndpoint;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync().ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The wire is taken down.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        await Task.Delay(_oneWay * 2).ConfigureAwait(false);
        await far.ConnectAsync(_far).ConfigureAwait(false);
        await Task.WhenAll(CarryAsync(near, far), CarryAsync(far, near)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        near.Dispose();
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        var wire = Channel.CreateUnbounded<(byte[] Bytes, long Sent)>();
        var arriving = ArriveAsync(wire.Reader, to);
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                wire.Writer.TryWrite((buffer[..count], TimeProvider.System.GetTimestamp()));
            }
        }
        finally
        {
            wire.Writer.Complete();
        }

        await arriving.ConfigureAwait(false);
    }

    private async Task ArriveAsync(ChannelReader<(byte[] Bytes, long Sent)> wire, Socket to)
    {
        await foreach (var (bytes, sent) in wire.ReadAllAsync().ConfigureAwait(false))
        {
            var left = _oneWay - TimeProvider.System.GetElapsedTime(sent);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left).ConfigureAwait(false);
            }

            await to.SendAsync(bytes).ConfigureAwait(false);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
