using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>An answer of <see cref="PlainHttp"/>. A class, here and elsewhere in this room: the runtime holds no ready code for generic
/// types over our own structs, and compiling it takes a fresh process longer than an allocation ever will.</summary>
internal sealed record PlainReply(int Status, string ContentType, byte[] Body);

/// <summary>The little of HTTP that the runner needs: one POST per connection, HTTP/1.0, so that the body comes in one piece and ends with
/// the connection. Setting up HttpClient costs a fresh process more processor time than all the rest of a short job.</summary>
internal sealed class PlainHttp(Uri address)
{
    /// <summary>Posts a body.</summary>
    /// <param name="headers">Header lines, each ended by CR LF.</param>
    /// <exception cref="IOException">There is no connection, or what came back is no HTTP or was cut off.</exception>
    public async Task<PlainReply> PostAsync(string path, string headers, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address.IdnHost, address.Port, cancellationToken).ConfigureAwait(false);
            var stream = await OpenAsync(socket, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var head = string.Create(
                    CultureInfo.InvariantCulture,
                    $"POST {path} HTTP/1.0\r\nHost: {address.Authority}\r\n{headers}Content-Length: {body.Length}\r\n\r\n");
                byte[] request = [.. Encoding.ASCII.GetBytes(head), .. body];
                await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
                return Read(await ReadAllAsync(stream, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (Exception failed) when (failed is SocketException or AuthenticationException)
        {
            throw new IOException($"{address.Authority}: {failed.Message}", failed);
        }
    }

    private async Task<Stream> OpenAsync(Socket socket, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (address.Scheme != "https")
        {
            return plain;
        }

        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = address.IdnHost }, cancellationToken).ConfigureAwait(false);
        return secure;
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[4096];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return bytes[..length];
            }

            length += read;
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, length * 2);
            }
        }
    }

    internal static PlainReply Read(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = end < 0 ? [] : Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n");
        if (lines.Length == 0 || !lines[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || lines[0].Length < 12
            || !int.TryParse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture, out var status))
        {
            throw new IOException(bytes.Length == 0 ? "the connection was closed without an answer" : "the answer is no HTTP");
        }

        var body = bytes[(end + 4)..];
        var type = "";
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].Trim();
            if (colon == 12 && line.StartsWith("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                type = value;
            }
            else if (colon == 14 && line.StartsWith("Content-Length", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value, CultureInfo.InvariantCulture, out var length) && length != body.Length)
            {
                throw new IOException($"the answer was cut off: {body.Length} of {length} bytes came");
            }
        }

        return new PlainReply(status, type, body);
    }
}
