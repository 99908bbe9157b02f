using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Pool;
using Microsoft.Extensions.Time.Testing;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class ExplainTests
{
    [Fact]
    public async Task What_was_decided_outlives_the_daemon()
    {
        var history = new InMemoryHistory();
        await using (var first = await StartAsync(history: history))
        {
            first.System.EventStream.Publish(first.Notice(1, NoticeKind.WorkerPlanned, "ci-a", 17));
            first.System.EventStream.Publish(first.Notice(2, NoticeKind.JobWaits, job: 18));
            first.System.EventStream.Publish(first.Notice(3, NoticeKind.WorkerGone, "ci-a"));
            (await PastAsync(first, "worker/ci-a", 2)).Select(e => e.Type).ShouldBe([NoticeKind.WorkerPlanned, NoticeKind.WorkerGone]);
        }

        await using var second = await StartAsync(history: history);
        second.System.EventStream.Publish(second.Notice(4, NoticeKind.Warning, "ci-a"));

        var past = await PastAsync(second, "worker/ci-a", 3);
        past.Select(e => e.Message).ShouldBe(["event 1", "event 3", "event 4"]);
        past.Select(e => e.Id is null).ShouldBe([true, true, false]);
        (await PastAsync(second, "job/18", 1)).ShouldHaveSingleItem().Type.ShouldBe(NoticeKind.JobWaits);
        (await PastAsync(second, "job/17", 1)).ShouldHaveSingleItem().Worker.ShouldBe("ci-a");
    }

    [Fact]
    public async Task A_job_that_only_its_past_tells_of_is_over()
    {
        var history = new InMemoryHistory();
        await history.AppendAsync(
            [new PoolNotice("default", Noon, NoticeKind.JobEnded, "build ended on ci-a", "ci-a", 99)], CancellationToken.None);
        await using var scene = await StartAsync(history: history);

        var explained = await scene.GetAsync("/api/v1/explain/job/99", ControlJson.Default.ExplainInfo);

        explained.Now.ShouldHaveSingleItem().ShouldBe("job 99 has ended; its decisions are listed below");
        explained.Past.ShouldHaveSingleItem().Message.ShouldBe("build ended on ci-a");
    }

    [Fact]
    [Trait("Invariant", "R8")]
    public async Task Keeping_what_was_decided_never_holds_up_who_decides_and_is_one_transaction_a_second()
    {
        var time = new FakeTimeProvider();
        using var history = new SlowHistory();
        await using var log = new DecisionLog(history, time, new CollectedLog());
        for (var i = 0; i < 20_000; i++)
        {
            log.Take(new PoolNotice("default", Noon, NoticeKind.WorkerChanged, $"event {i}"));
        }

        for (var second = 1; second <= 3; second++)
        {
            await UntilAsync(() =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return history.Batches.Count == second;
            });
            history.Batches.ShouldAllBe(b => b <= 500);
            history.Release();
        }

        history.Least.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task What_could_not_be_kept_is_tried_again_and_reported()
    {
        var time = new FakeTimeProvider();
        using var history = new SlowHistory { Fails = 2 };
        using var said = new CollectedLog();
        await using var log = new DecisionLog(history, time, said);
        log.Take(new PoolNotice("default", Noon, NoticeKind.WorkerChanged, "event"));

        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return history.Batches.Count == 3;
        });

        history.Release();
        said.Text.ShouldContain("cannot store decisions for explain: locked");
    }

    private static async Task<IReadOnlyList<EventInfo>> PastAsync(ControlScene scene, string subject, int count)
    {
        for (var i = 0; ; i++)
        {
            var past = (await scene.GetAsync($"/api/v1/explain/{subject}", ControlJson.Default.ExplainInfo)).Past;
            if (past.Count == count || i > 200)
            {
                return past;
            }

            await Task.Delay(20);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2));
            await Task.Delay(10);
        }
    }

    /// <summary>Takes a batch when it is released, and refuses the first ones.</summary>
    private sealed class SlowHistory : INoticeHistory, IDisposable
    {
        private readonly SemaphoreSlim _released = new(0);
        private int _running;

        public List<int> Batches { get; } = [];

        public int Fails { get; set; }

        public int Least { get; private set; }

        public void Release() => _released.Release();

        public void Dispose() => _released.Dispose();

        public async Task AppendAsync(IReadOnlyList<PoolNotice> notices, CancellationToken cancellationToken)
        {
            Least = Math.Max(Least, Interlocked.Increment(ref _running));
            Batches.Add(notices.Count);
            try
            {
                if (Fails-- > 0)
                {
                    throw new IOException("locked");
                }

                await _released.WaitAsync(CancellationToken.None);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }

        public Task<IReadOnlyList<PoolNotice>> NoticesAsync(string? worker, long? jobId, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<PoolNotice>>([]);
    }
}
