using System.Text.Json;
using System.Text.Json.Nodes;
using FjBellows.Dispatch;

namespace FjBellows.Tests.Dispatch;

/// <summary>The text that goes to a worker, without a worker.</summary>
public sealed class DispatchScriptsTests
{
    private const string Token = "0123456789abcdef";

    private static readonly RunnerSetup Setup = new()
    {
        ForgejoUrl = "https://forge.test/",
        RunnerCommand = ["/usr/local/bin/forgejo-runner"],
        JobsDirectory = "/run/fj-bellows/jobs/",
        WorkDirectory = "/var/lib/fj-bellows",
    };

    private static JobLaunch Launch(string id = "w-1", string uuid = "u", string token = Token, string handle = "h") =>
        new(new DispatchId(id), uuid, new Secret(token), ["a:host"], handle);

    [Fact]
    [Trait("Invariant", "S4")]
    public void The_token_is_in_the_input_only()
    {
        var (command, input) = new DispatchScripts(Setup).Launch(Launch());

        command.ShouldNotContain(Token);
        input.Reveal().ShouldStartWith(Token);
        input.Reveal().LastIndexOf(Token, StringComparison.Ordinal).ShouldBe(0);
    }

    [Fact]
    public void No_command_comes_near_the_longest_argument()
    {
        var scripts = new DispatchScripts(Setup);
        foreach (var command in new[]
        {
            scripts.Launch(Launch()).Command, scripts.Follow(new DispatchId("w-1"), from: 1), scripts.Inspect(),
            scripts.Signal(new DispatchId("w-1"), RunnerSignal.Kill), scripts.EndWait(new DispatchId("w-1")),
            scripts.Clean(new DispatchId("w-1")), scripts.Ready(),
        })
        {
            command.Length.ShouldBeLessThan(16 * 1024);
            command.Split('\n').ShouldAllBe(line => !line.TrimStart().StartsWith('#'));
        }
    }

    [Theory]
    [Trait("Invariant", "S5")]
    [InlineData("../w")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void Only_a_dispatch_id_may_name_a_directory(string id) =>
        Should.Throw<FormatException>(() => new DispatchScripts(Setup).Clean(new DispatchId(id)));

    [Fact]
    [Trait("Invariant", "S5")]
    public void What_no_argument_can_hold_is_refused_with_its_reason()
    {
        Refused("a\0b").ShouldContain("NUL");
        Refused("a\ud800b").ShouldContain("not valid Unicode");

        static string Refused(string handle) =>
            Should.Throw<FormatException>(() => new DispatchScripts(Setup).Launch(Launch(handle: handle))).Message;
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    public void A_token_that_cannot_stand_in_its_file_is_refused(string token) =>
        Should.Throw<FormatException>(() => new DispatchScripts(Setup).Launch(Launch(token: token)));

    [Theory]
    [InlineData("jobs")]
    [InlineData("/")]
    [InlineData("/a\nb")]
    [InlineData("")]
    public void Directories_are_absolute_and_never_the_root(string directory) =>
        Should.Throw<FormatException>(() => new DispatchScripts(Setup with { WorkDirectory = directory }));

    [Fact]
    [Trait("Invariant", "S7")]
    public void The_operators_keys_stay_and_a_dispatchs_needs_go_over_them()
    {
        var extras = JsonNode.Parse(
            """{"log":{"level":"debug"},"container":{"options":"--cpus=2","docker_host":"-","privileged":""" +
            """true},"runner":{"envs":{"GRÜSSE":"😀 'x'"}}}""")!.AsObject();
        var setup = Setup with
        {
            RunnerConfig = extras,
            ForgejoHosts = new Dictionary<string, string> { ["forge.test"] = "127.0.0.1", ["::1"] = "127.0.0.1" },
        };

        var config = JsonDocument.Parse(RunnerConfig.Render(setup, Launch())).RootElement;

        config.GetProperty("log").GetProperty("level").GetString().ShouldBe("debug");
        config.GetProperty("runner").GetProperty("envs").GetProperty("GRÜSSE").GetString().ShouldBe("😀 'x'");
        config.GetProperty("cache").GetProperty("dir").GetString().ShouldBe("/var/lib/fj-bellows/w-1/cache");
        var container = config.GetProperty("container");
        container.GetProperty("privileged").GetBoolean().ShouldBeTrue();
        container.GetProperty("docker_host").GetString().ShouldBe("automount");
        container.GetProperty("network").GetString().ShouldBe("host");
        container.GetProperty("options").GetString().ShouldBe("--cpus=2 --add-host=forge.test:127.0.0.1");
        extras["container"]!["docker_host"]!.GetValue<string>().ShouldBe("-", "the settings themselves are not changed");
    }

    [Theory]
    [InlineData(6.25, "22500s")]
    [InlineData(0, "31536000s")]
    [Trait("Invariant", "J8")]
    public void The_runner_does_not_end_a_job_before_the_pool_would(double hours, string limit)
    {
        var launch = Launch() with { RunnerTimeout = hours > 0 ? TimeSpan.FromHours(hours) : null };

        JsonDocument.Parse(RunnerConfig.Render(Setup, launch)).RootElement.GetProperty("runner").GetProperty("timeout").GetString()
            .ShouldBe(limit);

        var theirs = Setup with { RunnerConfig = JsonNode.Parse("""{"runner":{"timeout":"1h"}}""")!.AsObject() };
        JsonDocument.Parse(RunnerConfig.Render(theirs, launch)).RootElement.GetProperty("runner").GetProperty("timeout").GetString()
            .ShouldBe("1h");
    }

    [Fact]
    [Trait("Invariant", "S7")]
    public void An_address_for_forgejo_needs_no_override()
    {
        var setup =
            Setup with { ForgejoHosts = new Dictionary<string, string> { ["10.1.2.3"] = "127.0.0.1", ["[2001:db8::1]"] = "127.0.0.1" } };

        var container = JsonDocument.Parse(RunnerConfig.Render(setup, Launch())).RootElement.GetProperty("container");

        container.TryGetProperty("network", out _).ShouldBeFalse();
        container.TryGetProperty("options", out _).ShouldBeFalse();
        container.GetProperty("docker_host").GetString().ShouldBe("automount");
    }

    [Theory]
    [InlineData("forge.test --privileged", "127.0.0.1")]
    [InlineData("forge.test", "127.0.0.1 --privileged")]
    public void A_host_entry_cannot_bring_options_of_its_own(string host, string address) =>
        Should.Throw<FormatException>(() => RunnerConfig.Render(
            Setup with { ForgejoHosts = new Dictionary<string, string> { [host] = address } }, Launch()));

    [Theory]
    [InlineData("""{}""", "60s", 60)]
    [InlineData("""{"runner":{"fetch_timeout":"5s","report_retry":{"max_retries":3}}}""", "60s", 3)]
    [InlineData("""{"runner":{"fetch_timeout":"2m"}}""", "2m", 60)]
    [Trait("Invariant", "J13")]
    [Trait("Invariant", "J16")]
    public void Answers_are_waited_for_and_results_are_delivered_for_as_long_as_Forgejo_takes_them(
        string theirs, string fetchTimeout, int tries)
    {
        var runner = Rendered(Setup with { RunnerConfig = JsonNode.Parse(theirs)!.AsObject() }, Launch()).GetProperty("runner");

        runner.GetProperty("fetch_timeout").GetString().ShouldBe(fetchTimeout);
        var retry = runner.GetProperty("report_retry");
        retry.GetProperty("max_retries").GetInt32().ShouldBe(tries);
        if (tries == 60)
        {
            (retry.GetProperty("initial_delay").GetString(), retry.GetProperty("max_delay").GetString()).ShouldBe(("500ms", "15s"));
        }

        runner.TryGetProperty("fetch_interval", out _).ShouldBeFalse();
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_waiting_runner_asks_seldom_enough_to_be_ended_between_two_requests()
    {
        Rendered(Setup, Launch() with { Wait = true }).GetProperty("runner").GetProperty("fetch_interval").GetString().ShouldBe("20s");
        new DispatchScripts(Setup).Run(Launch() with { Wait = true }).ShouldContain("'--wait' '--fetch-interval' '20s'");
        new DispatchScripts(Setup).Run(Launch()).ShouldNotContain("--wait");
    }

    [Fact]
    [Trait("Invariant", "S7")]
    public void Jobs_have_a_network_of_their_own_and_reach_the_cache_where_they_reach_Forgejo()
    {
        var setup = Setup with
        {
            ContainerNetwork = ContainerNetwork.PerJob,
            CacheHost = "192.0.2.1",
            CacheDirectory = "/var/lib/fj-bellows/cache",
        };
        var config = Rendered(setup, Launch() with { RepositoryId = 17 });

        config.GetProperty("container").GetProperty("network").GetString().ShouldBe("");
        config.GetProperty("container").TryGetProperty("options", out _).ShouldBeFalse();
        config.GetProperty("cache").GetProperty("host").GetString().ShouldBe("192.0.2.1");
        config.GetProperty("cache").GetProperty("dir").GetString().ShouldBe("/var/lib/fj-bellows/cache/17");
        Rendered(setup, Launch()).GetProperty("cache").GetProperty("dir").GetString().ShouldBe("/var/lib/fj-bellows/w-1/cache");

        var fallback = setup with { ForgejoHosts = new Dictionary<string, string> { ["forge.test"] = RunnerSetup.EngineGateway } };
        Rendered(fallback, Launch()).GetProperty("container").GetProperty("options").GetString()
            .ShouldBe("--add-host=forge.test:host-gateway");
        Rendered(fallback, Launch()).GetProperty("container").GetProperty("network").GetString().ShouldBe("");
    }

    private static JsonElement Rendered(RunnerSetup setup, JobLaunch launch) =>
        JsonDocument.Parse(RunnerConfig.Render(setup, launch)).RootElement;
}
