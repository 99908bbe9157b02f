using System.Threading.Channels;
using FjBellows.Daemon.Hosting;
using FjBellows.Pool;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Keeps what was decided in the history, for <c>explain</c>. One short transaction a second at most, so that the journal, which
/// shares the database, hardly notices; what comes faster than it can be kept is dropped and counted.</summary>
internal sealed class DecisionLog : IAsyncDisposable
{
    private const int MostWaiting = 10_000;
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromSeconds(2);

    private readonly Channel<PoolNotice> _waiting;
    private readonly INoticeHistory _history;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _keeping;
    private long _dropped;

    /// <summary>Begins to keep.</summary>
    /// <param name="log">Tells what could not be kept.</param>
    public DecisionLog(INoticeHistory history, TimeProvider time, ILogger log)
    {
        (_history, _time, _log) = (history, time, log);
        _waiting = Channel.CreateBounded<PoolNotice>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _keeping = Task.Run(KeepAsync);
    }

    /// <summary>Takes a notice. Never waits.</summary>
    public void Take(PoolNotice notice)
    {
        if (!_waiting.Writer.TryWrite(notice))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _end.CancelAsync().ConfigureAwait(false);

        // What is left is kept at once, if the history takes it; the end waits for it no longer than a moment.
        await Task.WhenAny(_keeping, Task.Delay(AtTheEnd, CancellationToken.None)).ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        var batch = new List<PoolNotice>();
        while (batch.Count > 0 || await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // Notices come in bursts: a moment later there are more of them for the same transaction.
            await Task.Delay(Pause, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var notice))
            {
                batch.Add(notice);
            }

            try
            {
                using var limit = new CancellationTokenSource(AfterFailure, _time);
                await _history.AppendAsync(batch, limit.Token).ConfigureAwait(false);
                batch.Clear();
                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                {
                    _log.EventsDropped(dropped);
                }
            }
            catch (HistoryRefusedException e) when (e.Refusal == HistoryRefusal.Content)
            {
                await KeepEachAsync(batch).ConfigureAwait(false);
                batch.Clear();
            }
            catch (Exception e)
            {
                _log.EventsNotStored(e.Message);
                if (_end.IsCancellationRequested)
                {
                    return;
                }

                await Task.Delay(AfterFailure, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Stores what can be stored of a batch with an event that the store refuses for its content (invariant R9).</summary>
    private async Task KeepEachAsync(List<PoolNotice> batch)
    {
        foreach (var notice in batch)
        {
            try
            {
                using var limit = new CancellationTokenSource(AfterFailure, _time);
                await _history.AppendAsync([notice], limit.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                _log.EventRefused(notice.Kind, notice.Pool, e.Message);
            }
        }
    }
}
