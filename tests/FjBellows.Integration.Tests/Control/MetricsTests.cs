using System.Diagnostics;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class MetricsTests
{
    [Fact]
    public async Task Numbers_follow_what_pools_say_and_publish()
    {
        await using var scene = await SceneAsync();

        var text = await UntilAsync(scene, "fjb_jobs_total{pool=\"default\",outcome=\"completed\"} 1");

        foreach (var line in (string[])[
            "fjb_healthy 1",
            "fjb_workers{pool=\"default\",state=\"busy\"} 1",
            "fjb_workers{pool=\"default\",state=\"idle\"} 1",
            "fjb_workers{pool=\"default\",state=\"provisioning\"} 0",
            "fjb_workers_total{pool=\"default\"} 2",
            "fjb_last_tick_age_seconds{pool=\"default\"} 0",
            "fjb_events_total{pool=\"default\",type=\"worker_changed\"} 1",
            "fjb_jobs_waiting{pool=\"default\"} 1",
            "fjb_billing_boundary_missed_total{pool=\"default\"} 2",
            "fjb_billed_seconds_total{pool=\"default\"} 7200",
            "fjb_busy_seconds_total{pool=\"default\"} 1800",
            "fjb_boot_seconds_total{pool=\"default\"} 60",
            "fjb_idle_seconds_total{pool=\"default\"} 3000",
            "fjb_workers_planned_total{pool=\"default\",reason=\"job\"} 4",
            "fjb_workers_planned_total{pool=\"default\",reason=\"operator\"} 1",
            "fjb_worker_boot_seconds_sum{pool=\"default\"} 60",
            "fjb_job_wait_seconds_sum{pool=\"default\",start=\"warm\"} 120",
            "fjb_job_pickup_seconds_sum{pool=\"default\"} 60",
            "fjb_job_run_seconds_sum{pool=\"default\",outcome=\"completed\"} 180",
            "fjb_worker_delete_seconds_count{pool=\"default\"} 1",
            "fjb_journal_write_seconds{pool=\"default\"} 0.005",
        ])
        {
            text.Split('\n').ShouldContain(line);
        }
    }

    [Fact]
    public async Task What_today_cost_is_reported_without_a_scrape_waiting_for_it()
    {
        var history = new InMemoryHistory();
        await using var scene = await StartAsync(history: history);
        await history.AppendAsync(
            new DispatchOutcome("default", "ci-a", Assigned("ci-a", 7), OutcomeKind.Completed, Noon, 0, ""), CancellationToken.None);
        scene.Pool.Status = scene.Pool.Status! with { Workers = [Worker("ci-a"), Worker("ci-b")] };

        var text = await UntilAsync(scene, "fjb_cost_ratio{");

        text.ShouldContain("fjb_cost_ratio{pool=\"default\"} 2\n");
        text.ShouldContain("fjb_bound_seconds{pool=\"default\"} 3600\n");
    }

    [Fact]
    public async Task Labels_are_of_bounded_sets()
    {
        await using var scene = await SceneAsync();

        var text = await UntilAsync(scene, "fjb_jobs_total{");

        text.ShouldNotContain("ci-");
        text.ShouldNotContain("\"build\"");
        text.ShouldNotContain("17");
    }

    [Fact]
    [Needs(Part.Promtool)]
    public async Task Promtool_finds_nothing_but_a_name_that_is_kept_for_its_age()
    {
        await using var scene = await SceneAsync();
        var text = await UntilAsync(scene, "fjb_jobs_total{");
        using var promtool = Process.Start(
            new ProcessStartInfo(
                PartCatalog.PathOf(Part.Promtool),
                "check metrics")
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(["fjb_workers_total non-counter metrics should not have \"_total\" suffix"]);
    }

    [Fact]
    public async Task Calls_are_timed_by_their_result()
    {
        await using var scene = await StartAsync();
        var timer = new CallTimer(scene.Metrics, "provider");

        (await timer.RunAsync("list", () => Task.FromResult(3))).ShouldBe(3);
        await Should
            .ThrowAsync<CloudException>(
                () => timer.RunAsync("create", () => Task.FromException(new CloudException(CloudErrorKind.CapacityOut, "full"))));

        var text = await UntilAsync(scene, "fjb_call_seconds_count");
        text.ShouldContain("fjb_call_seconds_count{target=\"provider\",operation=\"list\",result=\"ok\"} 1");
        text.ShouldContain("fjb_call_seconds_count{target=\"provider\",operation=\"create\",result=\"capacity_out\"} 1");
    }

    private static async Task<ControlScene> SceneAsync()
    {
        var scene = await StartAsync();
        var events = scene.System.EventStream;
        var booting = Worker("ci-a", WorkerPhase.Provisioning) with { ReadyAt = null };
        var seen = Assigned("ci-a", 17) with { SeenAt = Noon.AddMinutes(-5) };
        events.Publish(new WorkerChanged("default", booting));
        events.Publish(new WorkerChanged("default", Worker("ci-a")));
        events.Publish(new WorkerChanged("default", Worker("ci-a", WorkerPhase.Busy, seen with { StartedAt = null })));
        events.Publish(new WorkerChanged("default", Worker("ci-a", WorkerPhase.Busy, seen)));
        events.Publish(new WorkerChanged("default", Worker("ci-a", WorkerPhase.Busy, seen)));
        events.Publish(new WorkerChanged("default", Worker("ci-a", WorkerPhase.Removing)));
        events.Publish(
            new WorkerLedger(
                "default", "ci-a", "i-a", "", Noon, Noon, Noon.AddMinutes(1), Noon, TimeSpan.FromMinutes(9), TimeSpan.FromHours(1), null,
                1, 0, "", ""));
        events.Publish(scene.Notice(1));
        events.Publish(new DispatchOutcome("default", "ci-a", seen, OutcomeKind.Completed, Noon, 0, "ran"));
        scene.Pool.Status = scene.Pool.Status! with
        {
            Workers = [Worker("ci-b", WorkerPhase.Busy, Assigned("ci-b", 19)), Worker("ci-c")],
            Waiting = [new JobWait(Job(18), Noon, new WaitReason.Stopping())],
            JournalLatency = TimeSpan.FromMilliseconds(5),
            Totals = new PoolTotals
            {
                WorkersPlanned = 5,
                WorkersAskedFor = 1,
                MissedBoundaries = 2,
                Billed = TimeSpan.FromHours(2),
                Busy = TimeSpan.FromMinutes(30),
            },
        };
        return scene;
    }

    private static async Task<string> UntilAsync(ControlScene scene, string wanted)
    {
        for (var i = 0; ; i++)
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, "/metrics");
            var text = await answer.Content.ReadAsStringAsync();
            if (text.Contains(wanted, StringComparison.Ordinal) || i > 200)
            {
                return text;
            }

            await Task.Delay(20);
        }
    }
}
