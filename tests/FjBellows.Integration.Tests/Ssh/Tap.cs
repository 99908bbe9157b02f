using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A listening stand-in before a host: passes everything on and keeps what the client sends.</summary>
internal sealed class Tap : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly List<MemoryStream> _sent = [];
    private readonly Task _work;

    /// <summary>Listens before a host.</summary>
    /// <param name="address">The host's address.</param>
    /// <param name="port">The host's port.</param>
    /// <param name="at">Where to listen; null for any port of an address that nobody else has.</param>
    public Tap(string address, int port, IPEndPoint? at = null)
    {
        _listener = new TcpListener(at ?? new IPEndPoint(IPAddress.Parse("127.45.0.1"), 0));
        _listener.Start();
        _work = ServeAsync(address, port);
    }

    public string Address => ((IPEndPoint)_listener.LocalEndpoint).Address.ToString();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What the client sent, one entry for each of its connections.</summary>
    public byte[][] Sent()
    {
        lock (_sent)
        {
            return [.. _sent.Select(sent => sent.ToArray())];
        }
    }

    /// <summary>The kinds of SSH messages in what a client sent before it encrypts, by their numbers (RFC 4253). Whoever never sends
    /// NEWKEYS (21) has sent nothing encrypted, and so neither a user's name nor a command.</summary>
    public static int[] Messages(byte[] sent)
    {
        var at = Array.IndexOf(sent, (byte)'\n') + 1;
        var kinds = new List<int>();
        while (at > 0 && at + 6 <= sent.Length)
        {
            kinds.Add(sent[at + 5]);
            at += 4 + BinaryPrimitives.ReadInt32BigEndian(sent.AsSpan(at));
        }

        at.ShouldBe(sent.Length, "the packets end where the stream does");
        return [.. kinds];
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(string address, int port)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var sent = new MemoryStream();
            lock (_sent)
            {
                _sent.Add(sent);
            }

            using var host = new TcpClient();
            await host.ConnectAsync(address, port);
            var back = host.GetStream().CopyToAsync(client.GetStream());
            var buffer = new byte[4096];
            int count;
            try
            {
                while ((count = await client.GetStream().ReadAsync(buffer)) > 0)
                {
                    lock (_sent)
                    {
                        sent.Write(buffer, 0, count);
                    }

                    await host.GetStream().WriteAsync(buffer.AsMemory(0, count));
                }
            }
            catch (IOException)
            {
                // The client hung up hard.
            }

            host.Close();
            await back.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
