namespace FjBellows.Providers.Rest;

/// <summary>One step at a time around the workers: nothing is made twice, and nothing is removed while a create is about to use
/// it.</summary>
public sealed class NetworkTurns : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _leases;

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    /// <summary>Does something that nothing else is done beside.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="act">Does it.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await act().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What a create needs. Until the lease is disposed of, nothing is removed.</summary>
    /// <typeparam name="T">What it needs.</typeparam>
    /// <param name="place">Finds or makes it.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public Task<NetworkLease<T>> LeaseAsync<T>(Func<Task<T>> place, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var placed = await place().ConfigureAwait(false);
            Interlocked.Increment(ref _leases);
            return new NetworkLease<T>(placed, () => Interlocked.Decrement(ref _leases));
        },
        cancellationToken);

    /// <summary>Removes what is unused; false without a look while something is leased, and where something turns out to be in
    /// use.</summary>
    /// <param name="release">Removes it; true when nothing is left.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public Task<bool> ReleaseAsync(Func<Task<bool>> release, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            try
            {
                return Volatile.Read(ref _leases) == 0 && await release().ConfigureAwait(false);
            }
            catch (CloudException e) when (e.Kind is CloudErrorKind.Conflict or CloudErrorKind.NotFound)
            {
                // Still in use, or removed by somebody else while we looked: the next call sees which.
                return false;
            }
        },
        cancellationToken);
}

/// <summary>What one create attaches its instance to.</summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="on">What it is.</param>
/// <param name="end">Called once, when the create is over.</param>
public sealed class NetworkLease<T>(T on, Action end) : IDisposable
{
    private Action? _end = end;

    /// <summary>What it is.</summary>
    public T On { get; } = on;

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
