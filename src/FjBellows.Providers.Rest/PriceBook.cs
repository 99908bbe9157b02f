using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Rest;

/// <summary>Prices by type and place, read once a day. A price that cannot be read is unknown; no worker waits for it.</summary>
/// <param name="read">Reads all prices from the cloud: type and place to the price of an hour.</param>
/// <param name="log">Takes why prices are not known.</param>
public sealed class PriceBook(Func<CancellationToken, Task<Func<string, string, decimal?>>> read, TimeProvider time, ILogger log)
    : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromDays(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Func<string, string, decimal?> _prices = (_, _) => null;
    private long? _askedAt;
    private TimeSpan _goodFor = Fresh;

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    /// <summary>The prices, after reading them when they are old; a failure is logged and tried again later.</summary>
    public async Task<Func<string, string, decimal?>> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_askedAt is not { } at || time.GetElapsedTime(at) >= _goodFor)
            {
                await RefreshAsync(cancellationToken).ConfigureAwait(false);
            }

            return _prices;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            _prices = await read(cancellationToken).ConfigureAwait(false);
            _goodFor = Fresh;
        }
        catch (CloudException e)
        {
            _goodFor = Pause;
            log.LogWarning("prices are unknown for now: {Reason}", e.Message);
        }

        _askedAt = time.GetTimestamp();
    }
}
