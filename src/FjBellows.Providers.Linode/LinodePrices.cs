using FjBellows.Providers.Linode.Api;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode;

/// <summary>Prices by plan and region, read once a day. A price that cannot be read is unknown; no worker waits for it.</summary>
internal sealed class LinodePrices(LinodeApi api, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromDays(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IReadOnlyList<LinodeType> _types = [];
    private long? _askedAt;
    private TimeSpan _goodFor = Fresh;

    public void Dispose() => _gate.Dispose();

    /// <summary>Reads the prices when they are old; a failure is logged and tried again later.</summary>
    public async Task<Func<string, string, decimal?>> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_askedAt is not { } at || time.GetElapsedTime(at) >= _goodFor)
            {
                await RefreshAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }

        var types = _types;
        return (type, region) => types.FirstOrDefault(t => string.Equals(t.Id, type, StringComparison.Ordinal))?.HourlyIn(region);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            _types = await api.ListAsync("linode/types", null, null, LinodeJson.Default.LinodePageLinodeType, cancellationToken).ConfigureAwait(false);
            _goodFor = Fresh;
        }
        catch (CloudException e)
        {
            _goodFor = Pause;
            log.LogWarning("Prices are not known for now: {Reason}", e.Message);
        }

        _askedAt = time.GetTimestamp();
    }
}
