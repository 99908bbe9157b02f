using FjBellows.Costs;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Hosting;
using FjBellows.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>What today cost. Each pool's day is worked out at most once every few seconds, however many ask.</summary>
/// <param name="parts">What the control plane shows.</param>
/// <param name="desk">The pools.</param>
/// <param name="log">Tells what cannot be read.</param>
internal sealed class CostRoutes(ControlContext parts, PoolClient desk, ILogger log) : IDisposable
{
    private const int MostRecords = 20_000;
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Today? _last;
    private int _renewing;

    /// <summary>Adds the route.</summary>
    /// <param name="api">The group below <c>/api/v1</c>.</param>
    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/cost", AnswerAsync).WithTags("state")
            .WithSummary("What each pool was billed today (UTC), and the least that an immediate start of every job could have cost.");

    /// <inheritdoc />
    public void Dispose() => _one.Dispose();

    /// <summary>What was last worked out, without a wait. When that is long ago it is worked out again meanwhile, for whoever asks
    /// next.</summary>
    public IReadOnlyList<CostInfo> Known()
    {
        var last = _last;
        if ((last is null || parts.Time.GetElapsedTime(last.At) >= KnownFor) && Interlocked.Exchange(ref _renewing, 1) == 0)
        {
            _ = RenewAsync();
        }

        return last?.Costs ?? [];
    }

    private async Task RenewAsync()
    {
        try
        {
            await TodayAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.CostUnknown(e.Message);
        }
        finally
        {
            Interlocked.Exchange(ref _renewing, 0);
        }
    }

    private async Task<Ok<IReadOnlyList<CostInfo>>> AnswerAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok(await TodayAsync(cancellationToken).ConfigureAwait(false));

    private async Task<IReadOnlyList<CostInfo>> TodayAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is not { } last || parts.Time.GetElapsedTime(last.At) >= FreshFor)
            {
                var said = await desk.GetAsync(null, cancellationToken).ConfigureAwait(false);
                var costs = new List<CostInfo>();
                foreach (var status in said.Select(s => s.Status).OfType<PoolStatus>())
                {
                    costs.Add(await DayOfAsync(status, cancellationToken).ConfigureAwait(false));
                }

                _last = last = new Today(costs, parts.Time.GetTimestamp());
            }

            return last.Costs;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<CostInfo> DayOfAsync(PoolStatus status, CancellationToken cancellationToken)
    {
        var now = status.At;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        // What ended yesterday or later may reach into today by a step that it began.
        var since = new DateTimeOffset(today.AddDays(-1), TimeOnly.MinValue, TimeSpan.Zero);
        DispatchOutcome[] outcomes =
        [
            .. await parts.History.OutcomesAsync(status.Name, since, MostRecords, cancellationToken).ConfigureAwait(false),
            .. status.Workers.Where(w => w.Current?.StartedAt is not null)
                .Select(w => new DispatchOutcome(status.Name, w.Name, w.Current!, OutcomeKind.Completed, now, null, "")),
        ];
        WorkerLedger[] ledgers =
        [
            .. await parts.History.LedgersAsync(status.Name, since, MostRecords, cancellationToken).ConfigureAwait(false),
            .. status.Workers.Select(w => CostReport.SoFar(status.Name, w, status.Billing, now)),
        ];
        var day = CostByDay.Of(outcomes, ledgers, status.Billing).FirstOrDefault(d => d.Day == today);
        return day is null
            ? new CostInfo(status.Name, today, 0, 0, 0, 0, null, null)
            : new CostInfo(
                status.Name, today, day.Jobs, day.Billed.TotalSeconds, day.Busy.TotalSeconds, day.LeastBilled.TotalSeconds, day.Ratio,
                day.Money);
    }

    /// <summary>What today cost.</summary>
    /// <param name="Costs">Each pool's day.</param>
    /// <param name="At">When it was worked out, as a timestamp of the clock.</param>
    private sealed record Today(IReadOnlyList<CostInfo> Costs, long At);
}
