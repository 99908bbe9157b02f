using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The client's own budget against a stand-in that counts as Linode does.</summary>
public sealed class BudgetTests
{
    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Sixty_workers_wanted_at_once_are_created_without_one_refusal()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(new LinodeFakeOptions { EnforceRateLimits = true }, clock);
        var provider = scene.Provider(time: clock);

        var creates = Enumerable.Range(0, 60).Select(i => provider.CreateAsync(LinodeScene.Spec($"acme-ci-w{i}"), default)).ToArray();
        await PassTimeAsync(clock, Task.WhenAll(creates));

        scene.Labels.Length.ShouldBe(60);
        scene.Fake.Requests.ShouldAllBe(r => !r.EndsWith("429", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Two_pools_that_poll_without_pause_stay_within_their_tokens_budget()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(new LinodeFakeOptions { EnforceRateLimits = true }, clock);
        var budget = new LinodeBudget(clock);
        var (one, two) = (scene.Provider(budget: budget, time: clock), scene.Provider(budget: budget, time: clock));

        var polls = Enumerable.Range(0, 150)
            .SelectMany(_ => new[] { one.ListAsync(LinodeScene.Ours, default), two.ListAsync(LinodeScene.Ours, default) }).ToArray();
        await PassTimeAsync(clock, Task.WhenAll(polls));

        scene.Fake.Requests.Count(r => r == "GET linode/instances 200").ShouldBe(300);
        scene.Fake.Requests.ShouldAllBe(r => !r.EndsWith("429", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task Whoever_would_wait_more_than_a_minute_is_told_so_at_once()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        var provider = scene.Provider(time: clock);
        using var end = new CancellationTokenSource();
        // The first 18 go at once; behind them four rounds of 15 s fill the minute.
        var waiting = Enumerable.Range(0, 18 * 5).Select(i => provider.CreateAsync(LinodeScene.Spec($"acme-ci-w{i}"), end.Token)).ToArray();

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.RateLimited, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-one-more"), default));

        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(75));
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        scene.Labels.Length.ShouldBeLessThanOrEqualTo(18);
    }

    /// <summary>Moves the clock a second at a time, leaving real time for the requests in between, until something is done.</summary>
    private static async Task PassTimeAsync(FakeTimeProvider clock, Task done)
    {
        for (var second = 0; second < 600 && !done.IsCompleted; second++)
        {
            await Task.WhenAny(done, Task.Delay(20));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await done.WaitAsync(TimeSpan.FromMinutes(2));
    }
}
