using System.Net;
using System.Net.Sockets;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A listening stand-in before a host: passes everything on and keeps what the client sends.</summary>
internal sealed class Tap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Parse("127.45.0.1"), 0);
    private readonly MemoryStream _sent = new();
    private readonly Task _work;

    public Tap(string address, int port)
    {
        _listener.Start();
        _work = ServeAsync(address, port);
    }

    public string Address => "127.45.0.1";

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public byte[] Sent()
    {
        lock (_sent)
        {
            return _sent.ToArray();
        }
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
                        _sent.Write(buffer, 0, count);
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
