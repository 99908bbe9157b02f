namespace FjBellows.Providers.Rest;

/// <summary>What a cloud goes on with after its answer, watched to its end: an action, a task, an operation.</summary>
public static class Operation
{
    /// <summary>Asks until it has ended.</summary>
    /// <typeparam name="T">The operation as the cloud describes it.</typeparam>
    /// <param name="ask">Asks for it.</param>
    /// <param name="hasEnded">True when it has, well or not.</param>
    /// <param name="interval">How long to wait between two questions.</param>
    /// <param name="cancellationToken">Ends the wait, not the operation.</param>
    public static async Task<T> EndOfAsync<T>(
        Func<Task<T>> ask, Func<T, bool> hasEnded, TimeSpan interval, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        ArgumentNullException.ThrowIfNull(hasEnded);
        while (true)
        {
            var operation = await ask().ConfigureAwait(false);
            if (hasEnded(operation))
            {
                return operation;
            }

            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
