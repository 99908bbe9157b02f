using System.Buffers;
using System.Net.Sockets;

namespace FjBellows.Ssh.Tunnel;

/// <summary>One connection through the relay: bytes both ways until either side is done.</summary>
/// <param name="near">The side of the SSH connection.</param>
/// <param name="far">The side of Forgejo.</param>
internal sealed class RelayedConnection(Socket near, Socket far, TimeProvider time)
{
    private const int BufferSize = 16 * 1024;

    private long _lastActive = time.GetTimestamp();

    /// <summary>The timestamp of the last byte in either direction.</summary>
    public long LastActive => Interlocked.Read(ref _lastActive);

    public async Task RelayAsync()
    {
        var request = PumpAsync(near, far);
        var answer = PumpAsync(far, near);

        // The end of the request is passed on and the answer still awaited. The end of the answer ends everything: SSH.NET closes the
        // channel then, and nothing more of the request can arrive.
        await answer.ConfigureAwait(false);
        Close();
        await request.ConfigureAwait(false);
    }

    public void Close()
    {
        near.Dispose();
        far.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None).ConfigureAwait(false)) > 0)
            {
                Interlocked.Exchange(ref _lastActive, time.GetTimestamp());
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None).ConfigureAwait(false);
                }

                Interlocked.Exchange(ref _lastActive, time.GetTimestamp());
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Either side broke: there is no one left to relay for.
            Close();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
