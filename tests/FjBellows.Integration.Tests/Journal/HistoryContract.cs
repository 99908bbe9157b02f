using FjBellows.Pool;
using static FjBellows.Integration.Tests.Journal.JournalSamples;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>What a history must do wherever it keeps things.</summary>
internal static class HistoryContract
{
    private const int All = 1000;

    public static async Task ProveAsync(IPoolHistory history)
    {
        var none = CancellationToken.None;
        foreach (var minute in new[] { 3, 1, 2, 2 })
        {
            await history.AppendAsync(Outcome("default", $"ci-a-{minute}", At.AddMinutes(minute)), none);
            await history.AppendAsync(JournalSamples.Ledger("default", $"ci-{minute}", At.AddMinutes(minute)), none);
        }

        await history.AppendAsync(Outcome("default", "ci-a-2", At.AddMinutes(2), "said again, in more words"), none);
        await history.AppendAsync(Outcome("other", "ci-b-1", At.AddMinutes(1)), none);
        await history.AppendAsync(JournalSamples.Ledger("other", "ci-1", At.AddMinutes(1)), none);

        var outcomes = await history.OutcomesAsync("default", DateTimeOffset.MinValue, All, none);
        outcomes.Select(o => o.Assignment.Dispatch.Value).ShouldBe(["ci-a-1", "ci-a-2", "ci-a-3"]);
        outcomes[0].ShouldBeEquivalentTo(Outcome("default", "ci-a-1", At.AddMinutes(1)));
        outcomes[1].Detail.ShouldBe("said again, in more words");
        (await history.OutcomesAsync("default", At.AddMinutes(2), All, none)).Count.ShouldBe(2);
        (await history.OutcomesAsync("default", At.AddMinutes(2).AddTicks(1), All, none)).Count.ShouldBe(1);
        (await history.OutcomesAsync("default", At, 2, none)).Select(o => o.Assignment.Dispatch.Value).ShouldBe(["ci-a-2", "ci-a-3"]);
        (await history.OutcomesAsync("nobody", At, All, none)).ShouldBeEmpty();

        var ledgers = await history.LedgersAsync("default", At, All, none);
        ledgers.Select(l => l.Worker).ShouldBe(["ci-1", "ci-2", "ci-3"]);
        ledgers[0].ShouldBe(JournalSamples.Ledger("default", "ci-1", At.AddMinutes(1)));
        (await history.LedgersAsync("default", At, 1, none)).Select(l => l.Worker).ShouldBe(["ci-3"]);

        var notices = (INoticeHistory)history;
        await notices.AppendAsync([Notice(3, "ci-1", 17), Notice(1, "ci-1"), Notice(2, null, 17), Notice(2, "ci-2")], none);
        await notices.AppendAsync([], none);
        (await notices.NoticesAsync("ci-1", null, All, none)).ShouldBe([Notice(1, "ci-1"), Notice(3, "ci-1", 17)]);
        (await notices.NoticesAsync(null, 17, All, none)).Select(n => n.At).ShouldBe([At.AddMinutes(2), At.AddMinutes(3)]);
        (await notices.NoticesAsync(null, 17, 1, none)).ShouldHaveSingleItem().At.ShouldBe(At.AddMinutes(3));
        (await notices.NoticesAsync("ci-1", 17, All, none)).Count.ShouldBe(1);
        (await notices.NoticesAsync(null, null, All, none)).Count.ShouldBe(4);

        await history.ProbeAsync(none);
        (await notices.NoticesAsync(null, null, All, none)).Count.ShouldBe(4, "a probe leaves nothing");

        await history.PruneAsync(At.AddMinutes(2), none);
        (await notices.NoticesAsync(null, null, All, none)).Count.ShouldBe(3);
        (await history.OutcomesAsync("default", At, All, none)).Count.ShouldBe(2);
        (await history.LedgersAsync("default", At, All, none)).Count.ShouldBe(2);
        (await history.OutcomesAsync("other", At, All, none)).ShouldBeEmpty();
    }

    private static PoolNotice Notice(int minute, string? worker, long? job = null) =>
        new("default", At.AddMinutes(minute), NoticeKind.WorkerChanged, $"said at {minute}", worker, job);
}
