using System.Net.Sockets;
using System.Text;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class StreamTests
{
    private const string Events = "/api/v1/events";

    [Fact]
    public async Task A_reader_that_comes_back_misses_nothing_and_hears_nothing_twice()
    {
        const int all = 600;
        await using var scene = await StartAsync();
        using var begun = new SemaphoreSlim(0);
        var publishing = Task.Run(async () =>
        {
            await begun.WaitAsync();
            for (var i = 1; i <= all; i++)
            {
                scene.System.EventStream.Publish(scene.Notice(i));
                if (i % 20 == 0)
                {
                    await Task.Yield();
                }
            }
        });

        var heard = new List<EventInfo>();
        for (var round = 0; heard.Count < all; round++)
        {
            heard.AddRange(await scene.StreamAsync(
                Events, ControlJson.Default.EventInfo, Math.Min(1 + (round * 7 % 60), all - heard.Count), heard.LastOrDefault()?.Id,
                () => begun.Release()));
        }

        await publishing;
        heard.Select(e => e.Message).ShouldBe(Enumerable.Range(1, all).Select(i => $"event {i}"));
    }

    [Fact]
    public async Task An_id_of_an_earlier_daemon_starts_from_all_that_is_kept()
    {
        await using var scene = await StartAsync();
        Enumerable.Range(1, 3).ToList().ForEach(i => scene.Feed.Notices.Add(scene.Notice(i)));

        (await scene.StreamAsync(Events, ControlJson.Default.EventInfo, 3, "17b0c0ffee-2")).Count.ShouldBe(3);
        (await scene.StreamAsync(Events, ControlJson.Default.EventInfo, 1, $"{scene.Feed.Epoch}-2")).ShouldHaveSingleItem().Message
            .ShouldBe("event 3");
    }

    [Fact]
    public async Task Filters_choose_events()
    {
        await using var scene = await StartAsync();
        scene.Feed.Notices.Add(scene.Notice(1, NoticeKind.JobDispatched, "ci-a", 17));
        scene.Feed.Notices.Add(scene.Notice(2, NoticeKind.Warning));
        scene.Feed.Notices.Add(scene.Notice(3, NoticeKind.JobEnded, "ci-b", 18));

        (await ListAsync("")).ShouldBe([1, 2, 3]);
        (await ListAsync("&worker=ci-a")).ShouldBe([1]);
        (await ListAsync("&job=18")).ShouldBe([3]);
        (await ListAsync("&type=warning,job_ended")).ShouldBe([2, 3]);
        (await ListAsync("&pool=other")).ShouldBeEmpty();
        (await ListAsync("&limit=1")).ShouldBe([3]);
        (await ListAsync($"&since={scene.Feed.Epoch}-2")).ShouldBe([3]);

        async Task<IEnumerable<int>> ListAsync(string filter) =>
            (await scene.GetAsync($"{Events}?follow=false{filter}", ControlJson.Default.IReadOnlyListEventInfo))
                .Select(e => int.Parse(e.Message[6..], null));
    }

    [Fact]
    public async Task Logs_are_read_by_job_and_by_worker()
    {
        await using var scene = await StartAsync();
        scene.System.EventStream.Publish(new WorkerChanged("default", Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17))));
        scene.System.EventStream.Publish(new JobLogLine("default", "ci-a", new DispatchId("ci-a-1"), "hello"));
        scene.System.EventStream.Publish(new JobLogLine("default", "ci-b", new DispatchId("ci-b-9"), "other"));

        (await scene.StreamAsync("/api/v1/logs?job=17", ControlJson.Default.LogInfo, 1)).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(l => l.Line.ShouldBe("hello"), l => l.JobId.ShouldBe(17));
        (await scene.StreamAsync("/api/v1/logs?worker=ci-b", ControlJson.Default.LogInfo, 1)).ShouldHaveSingleItem().Line.ShouldBe("other");
    }

    [Fact]
    [Trait("Invariant", "R8")]
    public async Task A_reader_that_does_not_read_is_dropped_and_holds_up_nobody()
    {
        await using var scene = await StartAsync();
        using var stuck = new TcpClient { ReceiveBufferSize = 4096 };
        await stuck.ConnectAsync(scene.Url.Host, scene.Url.Port);
        await stuck.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Events} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await UntilAsync(() => scene.Feed.Notices.Readers == 1);

        // Far more than pipes and sockets buffer.
        var large = new string('x', 16 * 1024);
        for (var i = 1; i <= 3_000; i++)
        {
            scene.System.EventStream.Publish(scene.Notice(i) with { Message = large });
        }

        scene.System.EventStream.Publish(scene.Notice(3_001));
        await UntilAsync(() => scene.Feed.Notices.Readers == 0);
        await UntilAsync(() => scene.Feed.Notices.Since(3_000, _ => true).Count == 1);
        (await scene.StreamAsync($"{Events}?since={scene.Feed.Epoch}-3000", ControlJson.Default.EventInfo, 1))
            .ShouldHaveSingleItem().Message.ShouldBe("event 3001");
    }

    [Fact]
    [Trait("Invariant", "R8")]
    public async Task Two_hundred_readers_hear_everything()
    {
        await using var scene = await StartAsync();
        using var connected = new CountdownEvent(200);
        var readers = Enumerable.Range(0, 200)
            .Select(_ => scene.StreamAsync(Events, ControlJson.Default.EventInfo, 100, connected: () => connected.Signal())).ToArray();
        await Task.Run(() => connected.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue());

        Enumerable.Range(1, 100).ToList().ForEach(i => scene.System.EventStream.Publish(scene.Notice(i)));

        foreach (var heard in await Task.WhenAll(readers))
        {
            heard.Select(e => e.Message).ShouldBe(Enumerable.Range(1, 100).Select(i => $"event {i}"));
        }
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void What_is_kept_is_bounded()
    {
        var book = new ReplayBuffer<string>(s => s[..1], s => s.Length, shelfWeight: 10, shelves: 2);
        foreach (var thing in (string[])["a1111", "a2222", "a3333", "b1111", "c1111", "b2222", "d1111", "a-very-long-thing"])
        {
            book.Add(thing);
        }

        book.Since(0, _ => true).Select(n => n.Item).ShouldBe(["d1111", "a-very-long-thing"]);
        book.Since(0, _ => true).Select(n => n.Number).ShouldBe([7, 8]);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2));
            await Task.Delay(20);
        }
    }
}
