using Akka.Actor;

namespace FjBellows.Time;

/// <summary>How an actor calls the outside world: with a time limit on the actor's own clock, ended by the actor's stop (invariant R1),
/// the answer coming back as a message. A port that ignores its cancellation is abandoned all the same.</summary>
internal sealed class OutsideCalls : IDisposable
{
    private readonly IActorRef _self;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lifetime = new();

    internal OutsideCalls(IActorRef self, IScheduler scheduler)
    {
        _self = self;
        _time = new SchedulerTimeProvider(scheduler);
    }

    /// <summary>Calls and sends the actor what <paramref name="answer"/> or <paramref name="failure"/> makes of the end.</summary>
    /// <typeparam name="T">What the port returns.</typeparam>
    /// <param name="limit">The longest the call may take; null for no limit.</param>
    /// <param name="answer">The message for an answer; null sends nothing.</param>
    /// <param name="failure">The message for a failure; a time limit shows as <see cref="TimeoutException"/>.</param>
    internal void Send<T>(TimeSpan? limit, Func<CancellationToken, Task<T>> call, Func<T, object?> answer, Func<Exception, object?> failure)
    {
        if (!_lifetime.IsCancellationRequested)
        {
            _ = RunAsync(limit, call, answer, failure);
        }
    }

    internal void Send(TimeSpan? limit, Func<CancellationToken, Task> call, Func<object?> answer, Func<Exception, object?> failure) =>
        Send(
            limit,
            async token =>
            {
                await call(token).ConfigureAwait(false);
                return true;
            },
            _ => answer(),
            failure);

    public void Dispose()
    {
        _lifetime.Cancel();
        _lifetime.Dispose();
    }

    private async Task RunAsync<T>(
        TimeSpan? limit, Func<CancellationToken, Task<T>> call, Func<T, object?> answer, Func<Exception, object?> failure)
    {
        var lifetime = _lifetime.Token;
        object? message;
        using (var clock = limit is { } longest ? new CancellationTokenSource(longest, _time) : new CancellationTokenSource())
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(lifetime, clock.Token))
        {
            try
            {
                message = answer(await call(both.Token).WaitAsync(both.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (lifetime.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException e) when (clock.IsCancellationRequested)
            {
                message = failure(new TimeoutException($"no answer within {limit}", e));
            }
            catch (Exception e)
            {
                // Whatever a port throws must reach the actor that waits for it: no one else would ever hear of it.
                message = failure(e);
            }
        }

        if (message is not null)
        {
            _self.Tell(message, _self);
        }
    }
}
