using System.Net.Sockets;
using FjBellows.Dispatch;
using FjBellows.Ssh.HostKeys;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace FjBellows.Ssh;

/// <summary>One verified, authenticated connection, and the knowledge whether it still lives.</summary>
internal sealed class SshLink : IAsyncDisposable
{
    /// <summary>sshd allows ten channels on a connection by default; one is the keepalive's, one the waiting shell's.</summary>
    private const int Channels = 8;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> _closed;
    private volatile bool _broken;

    private SshLink(SshClient client, string hostKey, TimeProvider time)
    {
        Client = client;
        HostKey = hostKey;
        Unread = new UnreadWatch(this, time);
        _closed = new Lazy<Task>(Close);
        client.ErrorOccurred += (_, error) => Lose($"the connection broke: {error.Exception.Message}");
    }

    public SshClient Client { get; }

    public string HostKey { get; }

    /// <summary>Cancelled when the connection is given up, before it is disposed of.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Free channels; whoever opens one takes a turn first.</summary>
    public SemaphoreSlim Turns { get; } = new(Channels);

    public Task<string> Lost => _lost.Task;

    /// <summary>Watches what the far side sends unasked.</summary>
    public UnreadWatch Unread { get; }

    /// <summary>Connects to one address.</summary>
    /// <param name="address">An IP address or a name.</param>
    /// <param name="settings">Who logs in and how.</param>
    /// <param name="pin">The key the host must show; null trusts the first one seen.</param>
    /// <param name="time">The clock by which what is unread is watched.</param>
    public static async Task<SshLink> DialAsync(
        string address, SshSettings settings, HostKeyPin? pin, TimeProvider time, CancellationToken cancellationToken)
    {
        byte[]? shown = null;
        var shownName = "";
        var client = new SshClient(
            Negotiation.Describe(address, settings, pin, Channels + 2))
        { KeepAliveInterval = Timeout.InfiniteTimeSpan };
        client.HostKeyReceived += (_, key) =>
        {
            shown = key.HostKey;
            shownName = key.HostKeyName;
            key.CanTrust = pin is null || pin.Matches(key.HostKey);
        };

        try
        {
            // Off the pool: after the socket is open, the handshake waits with blocked threads.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(settings.ConnectTimeout);
            await DedicatedThread.Run(() => client.ConnectAsync(deadline.Token).GetAwaiter().GetResult())
                .WaitAsync(deadline.Token).ConfigureAwait(false);
            var link = new SshLink(client, OpenSshForm(shownName, shown), time);
            _ = link.Unread.RunAsync();
            return link;
        }
        catch (Exception e)
        {
            _ = DedicatedThread.Run(client.Dispose);
            cancellationToken.ThrowIfCancellationRequested();
            throw Explain(e, address, settings, pin, shown);
        }
    }

    /// <summary>Declares the connection dead, for whoever notices first.</summary>
    public void Lose(string reason)
    {
        if (_lost.TrySetResult(reason))
        {
            _broken = true;
            _ = _closed.Value;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lost.TrySetResult("closed by this side");

        // What takes longer goes on by itself.
        await _closed.Value.WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A dead connection holds whoever disposes of it for ten seconds and pending commands without end, unless they are cancelled
    /// first; a living one is closed in order, since each cancelled command waits half a second for an answer that sshd does not
    /// give.</summary>
    private Task Close() => DedicatedThread.Run(() =>
    {
        try
        {
            if (_broken)
            {
                _closing.Cancel();
            }

            Client.Dispose();
            _closing.Cancel();
        }
        catch (Exception e) when (e is AggregateException or SshException or SocketException or ObjectDisposedException)
        {
            // The far side may be gone; there is nothing left to do with this connection.
        }
    });

    private static string OpenSshForm(string name, byte[]? key)
    {
        // RSA keys are named after their signature algorithm here, after their type in OpenSSH's files.
        var type = name.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : name;
        return $"{type} {Convert.ToBase64String(key ?? [])}";
    }

    private static SessionException Explain(Exception e, string address, SshSettings settings, HostKeyPin? pin, byte[]? shown)
    {
        var where = $"{settings.User}@{address} port {settings.Port}";
        if (e is SessionException known)
        {
            return known;
        }

        if (pin is not null && shown is not null && !pin.Matches(shown))
        {
            return new SessionException(
                SessionErrorKind.HostKeyMismatch,
                $"{where} showed host key {HostKeyPin.FingerprintOf(shown)}, not the pinned {pin.Fingerprint}; nothing was sent to it. " +
                $"Another machine answers there, or somebody is in between",
                e);
        }

        if (shown is null && Negotiation.Explain(e, where, settings, pin) is { } disagreement)
        {
            return disagreement;
        }

        return e switch
        {
            SshAuthenticationException => new SessionException(
                SessionErrorKind.AuthenticationFailed,
                $"{where} refused key {settings.Key.PublicKey.Split(' ')[0]} " +
                $"{HostKeyPin.FingerprintOf(Convert.FromBase64String(settings.Key.PublicKey.Split(' ')[1]))}: {e.Message}. Is ssh.user " +
                $"right, and did the bootstrap install the key",
                e),
            OperationCanceledException => new SessionException(
                SessionErrorKind.Unreachable,
                $"{where} did not finish the SSH handshake within {settings.ConnectTimeout.TotalSeconds:0.#} s", e),
            _ => new SessionException(SessionErrorKind.Unreachable, $"{where} cannot be reached: {e.Message}", e),
        };
    }
}
