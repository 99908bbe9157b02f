using FjBellows.Pool;

namespace FjBellows.Integration.Tests.Journal;

public sealed class InMemoryHistoryTests
{
    [Fact]
    public Task It_keeps_what_every_history_keeps() => HistoryContract.ProveAsync(new InMemoryHistory());

    [Fact]
    [Trait("Invariant", "R7")]
    public async Task It_never_holds_more_than_its_capacity()
    {
        var history = new InMemoryHistory(capacity: 3);
        for (var i = 0; i < 10; i++)
        {
            await history.AppendAsync(
                JournalSamples.Outcome("default", $"ci-a-{i}", JournalSamples.At.AddMinutes(i)), CancellationToken.None);
            await history.AppendAsync(JournalSamples.Ledger("default", $"ci-{i}", JournalSamples.At.AddMinutes(i)), CancellationToken.None);
        }

        (await history.OutcomesAsync("default", DateTimeOffset.MinValue, 100, CancellationToken.None))
            .Select(o => o.Assignment.Dispatch.Value).ShouldBe(["ci-a-7", "ci-a-8", "ci-a-9"]);
        (await history.LedgersAsync("default", DateTimeOffset.MinValue, 100, CancellationToken.None)).Count.ShouldBe(3);
    }
}
