using Renci.SshNet.Common;

namespace FjBellows.Ssh;

/// <summary>Asks a connection for signs of life (invariant S3). SSH.NET's own keepalive notices nothing when the peer is silent, so a byte
/// goes through a <c>cat</c> on the worker and must come back in time.</summary>
internal sealed class Keepalive(SshLink link, SshSettings settings, TimeProvider time)
{
    private SshExec? _echo;

    /// <summary>Runs until the connection is lost, and is what finds that out.</summary>
    public async Task WatchAsync()
    {
        var interval = settings.KeepaliveInterval;
        while (!link.Lost.IsCompleted)
        {
            var beat = BeatAsync();
            if (await Task.WhenAny(
                beat, link.Lost, Task.Delay(settings.KeepaliveTimeout, time, link.Closing)).ConfigureAwait(false) != beat)
            {
                link.Lose($"no sign of life for {(interval + settings.KeepaliveTimeout).TotalSeconds:0.#} s");
                return;
            }

            if (!await beat.ConfigureAwait(false))
            {
                return;
            }

            // The end of the echo is the first sign of a connection that was closed in good order.
            await Task.WhenAny(Task.Delay(interval, time, link.Closing), _echo!.Ended, link.Lost).ConfigureAwait(false);
        }
    }

    private async Task<bool> BeatAsync()
    {
        try
        {
            while (true)
            {
                var fresh = _echo is null || _echo.Ended.IsCompleted;
                if (fresh && !await ReopenAsync().ConfigureAwait(false))
                {
                    return false;
                }

                if (await EchoesAsync(_echo!).ConfigureAwait(false))
                {
                    return true;
                }

                if (fresh)
                {
                    link.Lose("the worker ends a keepalive command at once");
                    return false;
                }
            }
        }
        catch (Exception e) when (e is SshException or InvalidOperationException or OperationCanceledException or IOException)
        {
            link.Lose(link.Client.IsConnected ? $"a keepalive failed: {e.Message}" : "the worker closed the connection");
            return false;
        }
    }

    private async Task<bool> ReopenAsync()
    {
        _echo?.Abandon();
        if (!link.Client.IsConnected)
        {
            link.Lose("the worker closed the connection");
            return false;
        }

        _echo = await SshExec.OpenAsync(link, "exec cat").ConfigureAwait(false);
        return true;
    }

    private static Task<bool> EchoesAsync(SshExec echo) => DedicatedThread.Run(() =>
    {
        echo.Send("\n"u8);
        return echo.Output.ReadByte() >= 0;
    });
}
