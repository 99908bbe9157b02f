using CsCheck;
using FjBellows.Providers;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Tests.Linode;

public sealed class RequestBudgetTests
{
    private const int Limit = 3;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>A request: how long after the one before it is wanted, how long it travels there and how long back.</summary>
    private static readonly Gen<(int Gap, int There, int Back)[]> Requests =
        Gen.Select(Gen.Int[0, 8000], Gen.Int[0, 4000], Gen.Int[0, 4000]).Array[1, 20];

    [Fact]
    [Trait("Invariant", "R2")]
    public Task No_window_sees_more_than_the_limit_however_long_requests_travel() => Requests.SampleAsync(async requests =>
    {
        var clock = new FakeTimeProvider();
        var budget = new RequestBudget("tests", Limit, Window, clock);
        var arrivals = new List<TimeSpan>();
        var start = clock.GetTimestamp();
        var all = new List<Task>();
        foreach (var (gap, there, back) in requests)
        {
            await AdvanceAsync(clock, gap);
            all.Add(TravelAsync(budget, clock, start, arrivals, there, back));
        }

        for (var i = 0; i < 1000 && !Task.WhenAll(all).IsCompleted; i++)
        {
            await AdvanceAsync(clock, 500);
        }

        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(10));
        arrivals.Sort();
        arrivals.Zip(arrivals.Skip(Limit), (a, b) => b - a).ShouldAllBe(d => d >= Window);
    }, iter: 15, threads: 1);

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_pause_that_was_asked_for_is_kept_by_everybody_also_by_who_waited_already()
    {
        var clock = new FakeTimeProvider();
        var budget = new RequestBudget("tests", 1, Window, clock);
        var first = await budget.EnterAsync(default);
        var waiting = budget.EnterAsync(default);
        budget.CloseFor(TimeSpan.FromSeconds(30));
        first.Dispose();

        (await Should.ThrowAsync<CloudException>(() => budget.EnterAsync(default))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
        clock.Advance(Window);
        (await Should.ThrowAsync<CloudException>(() => waiting)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
        clock.Advance(TimeSpan.FromSeconds(20));
        (await budget.EnterAsync(default)).Dispose();
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task Who_stops_waiting_takes_nobodys_place()
    {
        var clock = new FakeTimeProvider();
        var budget = new RequestBudget("tests", 1, Window, clock);
        var first = await budget.EnterAsync(default);
        using var patience = new CancellationTokenSource();
        var impatient = budget.EnterAsync(patience.Token);
        var patient = budget.EnterAsync(default);

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => impatient);
        first.Dispose();
        patient.IsCompleted.ShouldBeFalse();
        clock.Advance(Window);

        (await patient.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
    }

    private static async Task TravelAsync(
        RequestBudget budget, FakeTimeProvider clock, long start, List<TimeSpan> arrivals, int there, int back)
    {
        IDisposable pass;
        try
        {
            pass = await budget.EnterAsync(default);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.RateLimited)
        {
            return;
        }

        using (pass)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(there), clock);
            lock (arrivals)
            {
                arrivals.Add(clock.GetElapsedTime(start));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(back), clock);
        }
    }

    /// <summary>Moves the clock in steps, with real time in between for what waits on the thread pool.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider clock, int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 500)
        {
            clock.Advance(TimeSpan.FromMilliseconds(Math.Min(500, milliseconds)));
            await Task.Delay(1);
        }
    }
}
