using System.Collections.Concurrent;

namespace FjBellows.Ssh;

/// <summary>Watches what lies unread in the streams of a connection's channels, and ends the connection when it is more than anything that
/// was asked for (invariant S11). SSH.NET keeps in memory whatever the far side sends, and a job can write to the streams of any process of
/// its user: of a keepalive, of a shell that waits, of any command's standard error.</summary>
internal sealed class UnreadWatch(SshLink link, TimeProvider time)
{
    /// <summary>Unread bytes of a channel that is read all the time: its reader is only ever a little behind.</summary>
    public const long Read = 32L << 20;

    /// <summary>Unread bytes of a channel that no one reads before it is used, or that answers byte by byte.</summary>
    public const long Idle = 64L << 10;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<SshExec, long> _channels = new();

    /// <summary>Watches a channel until it ends or is given up.</summary>
    /// <param name="exec">The channel.</param>
    /// <param name="most">How much of it may lie unread.</param>
    public void Add(SshExec exec, long most)
    {
        _channels[exec] = most;
        _ = exec.Ended.ContinueWith(
            (_, channel) => _channels.TryRemove((SshExec)channel!, out long _), exec, CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    /// <summary>Looks until the connection is lost.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (!link.Lost.IsCompleted && await timer.WaitForNextTickAsync(link.Closing).ConfigureAwait(false))
            {
                foreach (var (exec, most) in _channels)
                {
                    if (exec.Unread is var unread && unread > most)
                    {
                        link.Lose(
                            $"the worker sent {unread >> 10} KiB that were not requested; a job there may be writing to the " +
                            $"connection's streams");
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is being closed.
        }
    }
}
