using System.Net;
using System.Text;
using System.Text.Json;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Providers;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class ReadTests
{
    [Fact]
    public async Task A_worker_carries_all_that_is_known_of_it()
    {
        await using var scene = await StartAsync();
        scene.Pool.Status =
            scene.Pool.Status! with { Workers = [Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17, 2)), Worker("ci-b")] };
        var earlier = Assigned("ci-a", 16) with { StartedAt = Noon.AddMinutes(-15) };
        scene.System.EventStream.Publish(
            new DispatchOutcome("default", "ci-a", earlier, OutcomeKind.Completed, Noon.AddMinutes(-5), 0, "ran"));

        var worker = await UntilAsync(
            () => scene.GetAsync("/api/v1/workers/ci-a", ControlJson.Default.WorkerInfo), w => w.BusySpans.Count == 2);

        worker.State.ShouldBe(WorkerPhase.Busy);
        worker.Address.ShouldBe("192.0.2.1");
        worker.InstanceId.ShouldBe("i-ci-a");
        worker.Job.ShouldBe(new WorkerJob(17, 1, "build", 7, null, "ci-a-2", Noon.AddMinutes(-4), Noon.AddMinutes(-3)));
        worker.BusySpans.ShouldBe([
            new WorkerSpan(Noon.AddMinutes(-15), Noon.AddMinutes(-5), 16, "build", OutcomeKind.Completed),
            new WorkerSpan(Noon.AddMinutes(-3), null, 17, "build", null)]);
        worker.Billing.ShouldBe(new BillingInfo("leased", 3600, 3600, null));
        worker.BilledUntil.ShouldBe(Noon.AddMinutes(40));
        worker.CostSoFar.ShouldBe(0.018m);
        worker.BusySeconds.ShouldBe(13 * 60);
        worker.LastBusyAt.ShouldBe(Noon);
        (await scene.GetAsync("/api/v1/workers?state=idle", ControlJson.Default.IReadOnlyListWorkerInfo)).ShouldHaveSingleItem().Name
            .ShouldBe("ci-b");
    }

    [Fact]
    public async Task Jobs_wait_with_a_reason_run_and_end()
    {
        var history = new InMemoryHistory();
        await history.AppendAsync(
            new DispatchOutcome("default", "ci-0", Assigned("ci-0", 5), OutcomeKind.Completed, Noon.AddHours(-3), 0, "ran"),
            CancellationToken.None);
        await using var scene = await StartAsync(history: history);
        scene.Pool.Status = scene.Pool.Status! with
        {
            Workers = [Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17))],
            Waiting = [new JobWait(Job(18), Noon.AddSeconds(-30), new WaitReason.AtMaximum(1))],
            Recent = [new DispatchOutcome("default", "ci-a", Assigned("ci-a", 16), OutcomeKind.NoTask, Noon.AddMinutes(-6), 2, "no task")],
        };

        var jobs = await scene.GetAsync("/api/v1/jobs", ControlJson.Default.JobsInfo);

        jobs.Waiting.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(j => j.Id.ShouldBe(18), j => j.WaitedSeconds.ShouldBe(30), j => j.Why.ShouldContain("scale.max"));
        jobs.Running.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(j => j.Id.ShouldBe(17), j => j.RanSeconds.ShouldBe(180), j => j.Worker.ShouldBe("ci-a"));
        jobs.Recent.Select(j => (j.Id, j.Outcome)).ShouldBe([(16, OutcomeKind.NoTask), (5, OutcomeKind.Completed)]);
        (await scene.GetAsync("/api/v1/explain/job/18", ControlJson.Default.ExplainInfo)).Now.ShouldHaveSingleItem()
            .ShouldContain("scale.max");
        (await scene.GetAsync("/api/v1/explain/job/99", ControlJson.Default.ExplainInfo)).Now.ShouldHaveSingleItem()
            .ShouldContain("no pool knows job 99");
    }

    [Fact]
    [Trait("Invariant", "R3")]
    public async Task Health_tells_which_source_is_stale()
    {
        await using var scene = await StartAsync();
        (await scene.GetAsync("/api/v1/health", ControlJson.Default.HealthInfo)).Status.ShouldBe("ok");
        scene.Pool.Status = scene.Pool.Status! with
        {
            Sources =
                [.. scene.Pool.Status.Sources.Select(
                    s => s.Source == PoolSource.Jobs ? s with { LastSuccess = Noon.AddMinutes(-2), Error = "connection refused" } : s)],
        };

        var health = await UntilAsync(() => scene.GetAsync("/api/v1/health", ControlJson.Default.HealthInfo), h => h.Status != "ok");

        health.Status.ShouldBe("degraded");
        health.Pools.ShouldHaveSingleItem().Why.ShouldBe("jobs: connection refused");
        health.Pools[0].Sources.Where(s => s.Stale).ShouldHaveSingleItem().Source.ShouldBe(PoolSource.Jobs);
    }

    [Fact]
    [Trait("Invariant", "R8")]
    public async Task Many_readers_ask_a_pool_four_times_a_second_at_most()
    {
        // As many as one caller may have connections, without those that are still closing.
        const int Readers = CallerLimits.Connections - 56;
        await using var scene = await StartAsync();
        var since = System.Diagnostics.Stopwatch.StartNew();

        await Task.WhenAll(
            Enumerable.Range(0, Readers).Select(_ => scene.GetAsync("/api/v1/pools", ControlJson.Default.IReadOnlyListPoolInfo)));

        scene.Pool.Asked.ShouldBeLessThanOrEqualTo(1 + (int)(since.Elapsed.TotalMilliseconds / 250));
    }

    [Fact]
    [Trait("Invariant", "R8")]
    public async Task A_pool_that_does_not_answer_is_reported_and_holds_up_nobody()
    {
        await using var scene = await StartAsync();
        scene.Pool.Status = null;

        var health = await scene.GetAsync("/api/v1/health", ControlJson.Default.HealthInfo);

        health.Status.ShouldBe("degraded");
        (await scene.SendAsync(HttpMethod.Get, "/readyz")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await scene.SendAsync(HttpMethod.Get, "/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await scene.SendAsync(HttpMethod.Head, "/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await scene.GetAsync("/api/v1/workers", ControlJson.Default.IReadOnlyListWorkerInfo)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_there_is_not_is_reported_as_json()
    {
        await using var scene = await StartAsync();
        foreach (var (path, status) in ((string, HttpStatusCode)[])[
            ("/api/v1/nothing", HttpStatusCode.NotFound), ("/api/v1/pools/none", HttpStatusCode.NotFound),
            ("/api/v1/workers/none", HttpStatusCode.NotFound),
            ("/api/v1/workers?state=asleep", HttpStatusCode.BadRequest), ("/api/v1/jobs?limit=many", HttpStatusCode.BadRequest),
            ("/api/v1/events?type=rumour", HttpStatusCode.BadRequest)])
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, path);
            answer.StatusCode.ShouldBe(status, path);
            JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ControlJson.Default.ErrorInfo)!.Error
                .ShouldNotBeNullOrEmpty(path);
        }
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public void The_configuration_shows_no_secret()
    {
        using var files = new DaemonFiles();
        const string yaml =
            """
            forgejo: {url: "http://127.0.0.1:9", token: canary-1, scope: admin, labels: [docker]}
            tag: test-ci
            worker: {run: ["curl -H canary-2 http://x"]}
            state: {connection: "Host=x;Password=canary-3"}
            ssh: {private_key_file: id, passphrase: "x${CANARY}canary-4"}
            pools:
              one:
                provider: linode
                provider_config: {region: nl-ams, type: g6-standard-1, image: linode/debian12, token: canary-5}
              two:
                provider: docker
                provider_config: {image: worker, env: {KEY: canary-6}}
                scale: {max: 7}
            """;
        var sources = new ConfigSources(name => name == "CANARY" ? "canary-7" : null, _ => [], files.Directory);
        var loaded = ConfigLoader.Load(files.Config, Encoding.UTF8.GetBytes(yaml), ProviderModules.BuiltIn, sources);
        loaded.Config.ShouldNotBeNull(string.Join('\n', loaded.Findings));

        var shown = ControlConfig.Of(files.Config, loaded.Root!, ProviderModules.BuiltIn, Noon);

        JsonSerializer.Serialize(shown, ControlJson.Default.ConfigInfo).ShouldNotContain("canary");
        var settings = shown.Settings.ToDictionary(s => s.Key);
        settings["forgejo.token"].ShouldBe(new ConfigSetting("forgejo.token", "***", false));
        settings["pools.one.provider_config.token"].Value.ShouldBe("***");
        settings["pools.two.scale.max"].Value.ShouldBe("7");
        settings["poll.interval"].ShouldBe(new ConfigSetting("poll.interval", "10s", true));
    }

    [Theory]
    [InlineData("${TOKEN}", "${TOKEN}")]
    [InlineData("file:token", "file:token")]
    [InlineData("a${TOKEN}", "***")]
    [Trait("Invariant", "S4")]
    public void A_reference_to_a_secret_is_none(string written, string shown)
    {
        var yaml = $"forgejo: {{url: 'http://127.0.0.1:9', token: '{written}', scope: admin, labels: [docker]}}\nprovider: local\n";
        var root = YamlReader.Read(Encoding.UTF8.GetBytes(yaml), new Findings("config.yaml"));

        ControlConfig.Of("config.yaml", root!, ProviderModules.BuiltIn, Noon).Settings.Single(s => s.Key == "forgejo.token").Value
            .ShouldBe(shown);
    }

    [Fact]
    public async Task The_openapi_document_names_every_route()
    {
        await using var scene = await StartAsync();
        using var answer = await scene.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        document.RootElement.GetProperty("paths").EnumerateObject().Select(p => p.Name).ShouldBeSubsetOf(Routes);
        Routes.ShouldBeSubsetOf(document.RootElement.GetProperty("paths").EnumerateObject().Select(p => p.Name));
        document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("WorkerInfo").GetProperty("properties")
            .EnumerateObject().Select(p => p.Name).ShouldContain("billed_until");
    }

    private static readonly string[] Routes =
    [
        "/api/v1/health", "/api/v1/pools", "/api/v1/pools/{name}", "/api/v1/workers", "/api/v1/workers/{name}", "/api/v1/jobs",
        "/api/v1/provider", "/api/v1/config",
        "/api/v1/explain/job/{id}", "/api/v1/explain/worker/{name}", "/api/v1/cost", "/api/v1/events", "/api/v1/logs",
        "/api/v1/pause", "/api/v1/resume", "/api/v1/reconcile", "/api/v1/provision", "/api/v1/delete", "/api/v1/drain", "/api/v1/release",
        "/api/v1/exec", "/api/v1/reload",
    ];

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> wanted)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (wanted(seen) || since.Elapsed > TimeSpan.FromMinutes(1))
            {
                return seen;
            }

            await Task.Delay(20);
        }
    }
}
