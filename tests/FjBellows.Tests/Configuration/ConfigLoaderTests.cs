using FjBellows.Daemon.Configuration;
using FjBellows.Forgejo;
using FjBellows.Ssh;
using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

public class ConfigLoaderTests
{
    [Fact]
    public void A_file_of_the_Go_original_loads_with_its_meaning()
    {
        var config = Read(
            """
            # every key that the original knows
            forgejo:
              url: https://forgejo.example.com
              token: abc
              scope: repos/owner/name
              labels:
                - ubuntu-latest
                - docker:docker://node:22-bookworm
            tag: my-ci
            scale:
              max: 3
            provider: sample
            provider_config:
              region: nl-ams
              token: xyz
            poll:
              interval: 20s
              idle_timeout: 2m
              hour_margin: 4m30s
              billing_hour: 30m
            ssh:
              private_key_file: /etc/fj-bellows/id_ed25519
              user: ci
              port: 2222
            """);

        config.Forgejo.ShouldBe(
            new ForgejoConfig(new Uri("https://forgejo.example.com"), new Secret("abc"), ForgejoScope.Parse("repos/owner/name")));
        var pool = config.Pools.ShouldHaveSingleItem();
        pool.Settings.Name.ShouldBe("default");
        pool.Settings.Max.ShouldBe(3);
        pool.Settings.Labels.ToString().ShouldBe("ubuntu-latest docker:docker://node:22-bookworm");
        pool.Settings.Ownership.Tag.ShouldBe("my-ci");
        pool.Settings.Poll.Interval.ShouldBe(TimeSpan.FromSeconds(20));
        pool.Settings.Teardown.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(2));
        pool.Settings.Teardown.HourMargin.ShouldBe(TimeSpan.FromSeconds(270));
        pool.Settings.BillingHour.ShouldBe(TimeSpan.FromMinutes(30));
        config.Ssh.ShouldBe(
            new SshConfig(
                "/etc/fj-bellows/id_ed25519", null, "ci", 2222, SshAlgorithms.DefaultKeyExchanges, SshAlgorithms.DefaultCiphers,
                SeedHostKey: true));
        pool.Provider.ShouldBeOfType<SampleModule.Plan>().ShouldBe(new SampleModule.Plan("sample", true, "nl-ams", new Secret("xyz"), 1));
    }

    [Fact]
    public void What_is_left_out_has_the_documented_default()
    {
        var config = Read(Minimal);

        var pool = config.Pools.ShouldHaveSingleItem().Settings;
        pool.Max.ShouldBe(1);
        pool.BillingHour.ShouldBeNull();
        pool.Poll.ShouldBe(new PollSettings());
        pool.Timeouts.ShouldBe(new TimeoutSettings());
        pool.Teardown.ShouldBe(new FjBellows.Billing.TeardownSettings(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)));
        config.Ssh.User.ShouldBe("root");
        config.Ssh.Port.ShouldBe(22);
        config.HistoryRetention.ShouldBe(TimeSpan.FromHours(720));
        config.Runner.ShouldBe(new RunnerConfig("12.10.1", null, null));
        config.Worker.SingleUse.ShouldBeFalse();
        config.Worker.PreparedImage.ShouldBeFalse();
        config.State.ShouldBe(new StateConfig(null, null));
        config.Log.ShouldBe(new LogConfig("human", "info"));
    }

    [Fact]
    public void The_default_tag_is_a_warning()
    {
        var loaded = Load(With("tag: team-ci", ""));

        loaded.Config.ShouldNotBeNull().Pools[0].Settings.Ownership.Tag.ShouldBe("fj-bellows");
        loaded.Findings.ShouldHaveSingleItem().Severity.ShouldBe(Severity.Warning);
    }

    [Fact]
    public void A_http_url_is_a_warning_unless_it_stays_on_this_host()
    {
        Load(With("  url: https://forgejo.example.com", "  url: http://forgejo.example.com")).Findings.ShouldHaveSingleItem().Message
            .ShouldContain("unencrypted");
        Load(With("  url: https://forgejo.example.com", "  url: http://127.0.0.1:3000")).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Everything_that_is_wrong_is_reported_at_once_with_its_place()
    {
        var loaded = Load(
            """
            forgejo:
              url: forgejo.example.com
              token: t
              scope: org/example
              lables: [docker]
            tag: My_CI
            scale:
              max: -1
            provider: lindoe
            poll:
              interval: 10
              hour_margin: -5m
            sssh: {}
            """);

        loaded.Config.ShouldBeNull();
        loaded.Findings.Select(f => (f.Mark.Line, f.Key)).ShouldBe(
        [
            (2, "forgejo.labels"), (2, "forgejo.url"), (4, "forgejo.scope"), (5, "forgejo.lables"), (6, "tag"), (8, "scale.max"),
            (9, "provider"), (11, "poll.interval"), (12, "poll.hour_margin"), (13, "sssh"),
        ], ignoreOrder: true);
        loaded.Findings.ShouldAllBe(f => f.Fix.Length > 0 && f.File == "config.yaml" && f.Mark.Column > 0);
        loaded.Findings.Select(f => f.Mark.Line).ShouldBeInOrder();
    }

    [Fact]
    public void An_unknown_key_is_refused_by_name_and_place_with_the_nearest_known_one()
    {
        var error = Error(Minimal + "\npoll:\n  intervall: 5s\n");

        error.Place.ShouldBe("config.yaml:13:3");
        error.Key.ShouldBe("poll.intervall");
        error.Fix.ShouldBe("did you mean 'interval'?");
    }

    [Fact]
    public void An_unknown_key_of_the_provider_is_refused_alike()
    {
        var error = Error(With("  region: nl", "  region: nl\n  siez: 2"));

        error.Place.ShouldBe("config.yaml:10:3");
        error.Fix.ShouldBe("did you mean 'size'?");
    }

    [Fact]
    public void An_unknown_provider_is_reported_with_the_known_ones()
    {
        var error = Error(With("provider: sample", "provider: simple"));

        error.Message.ShouldBe("there is no provider 'simple'");
        error.Fix.ShouldBe("did you mean sample? known: sample, other");
        error.Place.ShouldBe("config.yaml:7:11");
    }

    [Theory]
    [InlineData("  labels: []", "empty list")]
    [InlineData("  labels:", "missing")]
    [InlineData("  labels: docker", "expected a list")]
    [InlineData("  labels: {docker: 1}", "expected a list")]
    [InlineData("  labels: ['']", "a label is empty")]
    [InlineData("  labels: [docker, 'a b']", "white space")]
    [InlineData("  labels: ['a,b']", "comma")]
    [InlineData("  labels: ['a:lxd:x']", "schema 'lxd'")]
    [InlineData("  labels: ['a:host:x']", "takes no argument")]
    [InlineData("  labels: [[docker]]", "found a list")]
    [Trait("Invariant", "J6")]
    public void Labels_that_no_job_could_ask_for_are_refused(string line, string reason)
    {
        var error = Error(With("  labels: [docker]", line));

        error.Message.ShouldContain(reason);
        error.Key.ShouldBe("forgejo.labels");
    }

    [Theory]
    [InlineData("hour_margin: 1h", "shorter than billing_hour")]
    [InlineData("billing_hour: 5m", "shorter than billing_hour")]
    [InlineData("hour_margin: 0s", "at least 1ms")]
    [InlineData("idle_timeout: 0", "at least 1ms")]
    [InlineData("interval: 0s", "at least 1ms")]
    [InlineData("interval: -1s", "cannot be negative")]
    [InlineData("billing_hour: 1d", "unknown unit 'd'")]
    [InlineData("busy_interval: 1", "without a unit")]
    [InlineData("boot_timeout: [1s]", "found a list")]
    [InlineData("max_job_runtime: soon", "without a number")]
    [InlineData("interval: 99999999h", "292 years")]
    [Trait("Invariant", "B6")]
    public void Times_that_cannot_work_are_refused(string line, string reason)
    {
        var error = Error(Minimal + $"\npoll:\n  {line}\n");

        error.Message.ShouldContain(reason);
        error.Mark.Line.ShouldBe(13);
        error.Key.ShouldStartWith("poll.");
    }

    [Fact]
    [Trait("Invariant", "J8")]
    public void A_job_may_run_without_limit() =>
        Read(Minimal + "\npoll:\n  max_job_runtime: 0\n").Pools[0].Settings.Timeouts.MaxJobRuntime.ShouldBe(TimeSpan.Zero);

    [Theory]
    [InlineData("tag: CI")]
    [InlineData("tag: a")]
    [InlineData("tag: 1-ci")]
    [InlineData("tag: ci_x")]
    [InlineData("tag: ci--x")]
    [InlineData("tag: ci-")]
    public void A_tag_that_some_cloud_refuses_is_refused(string line) => Error(With("tag: team-ci", line)).Key.ShouldBe("tag");

    [Theory]
    [InlineData("  scope: orgs/example", "  scope: orgs/", "forgejo.scope")]
    [InlineData("  scope: orgs/example", "  scope: repos/one", "forgejo.scope")]
    [InlineData("  scope: orgs/example", "  scope: Admin", "forgejo.scope")]
    [InlineData("  token: t0ken", "  token: ''", "forgejo.token")]
    [InlineData("  token: t0ken", "  token:", "forgejo.token")]
    [InlineData("  token: t0ken", "  token: [a]", "forgejo.token")]
    [InlineData("  url: https://forgejo.example.com", "  url: ftp://forgejo.example.com", "forgejo.url")]
    [InlineData("  url: https://forgejo.example.com", "  url: https://forgejo.example.com?x=1", "forgejo.url")]
    [InlineData("  private_key_file: /etc/fj-bellows/id_ed25519", "  user: root", "ssh.private_key_file")]
    [InlineData("  private_key_file: /etc/fj-bellows/id_ed25519", "  private_key_file: k\n  port: 0", "ssh.port")]
    [InlineData("  private_key_file: /etc/fj-bellows/id_ed25519", "  private_key_file: k\n  port: 70000", "ssh.port")]
    [InlineData("  private_key_file: /etc/fj-bellows/id_ed25519", "  private_key_file: k\n  port: 22x", "ssh.port")]
    [InlineData("  region: nl", "  size: 3", "provider_config.region")]
    [InlineData("  region: nl", "  region: nl\n  size: large", "provider_config.size")]
    [InlineData("provider: sample", "provider: [sample]", "provider")]
    [InlineData("tag: team-ci", "tag: team-ci\nscale: 3", "scale")]
    [InlineData("tag: team-ci", "tag: team-ci\nscale: {max: many}", "scale.max")]
    [InlineData("tag: team-ci", "tag: team-ci\nworker: {reuse: sometimes}", "worker.reuse")]
    [InlineData("tag: team-ci", "tag: team-ci\nworker: {prepared_image: yes}", "worker.prepared_image")]
    [InlineData("tag: team-ci", "tag: team-ci\nlog: {level: loud}", "log.level")]
    [InlineData("tag: team-ci", "tag: team-ci\nlog: {format: jason}", "log.format")]
    [InlineData("tag: team-ci", "tag: team-ci\nrunner: {version: latest}", "runner.version")]
    [InlineData("tag: team-ci", "tag: team-ci\nrunner: {version: 12.8.1}", "runner.version")]
    [InlineData("tag: team-ci", "tag: team-ci\nhistory: {retention: forever}", "history.retention")]
    public void A_value_of_the_wrong_kind_is_refused_at_its_key(string line, string replacement, string key) =>
        Error(With(line, replacement)).Key.ShouldBe(key);

    [Fact]
    public void A_provider_without_SSH_needs_no_key() =>
        Read(With("provider: sample", "provider: other")
            .Replace("ssh:\n  private_key_file: /etc/fj-bellows/id_ed25519", "", StringComparison.Ordinal)).Ssh.PrivateKeyFile
                .ShouldBeNull();

    [Fact]
    public void Relative_paths_start_at_the_file()
    {
        var config = Read(
            With("  private_key_file: /etc/fj-bellows/id_ed25519", "  private_key_file: keys/id\nstate: {directory: ../state}"));

        config.Ssh.PrivateKeyFile.ShouldBe("/etc/fj-bellows/keys/id");
        config.State.Directory.ShouldBe("/etc/state");
    }

    [Fact]
    public void No_finding_shows_a_secret()
    {
        const string Canary = "hunter2-canary";
        var environment = new Dictionary<string, string> { ["SECRET"] = Canary };
        string[] files =
        [
            $"forgejo: {{url: 'https://u:{Canary}@f.example.com', token: {Canary}, scope: x, labels: [a]}}\nprovider: " +
            $"sample\nprovider_config: {{token: {Canary}, size: '${{SECRET}}'}}\nstate: {{connection: [{Canary}]}}",
            With("  token: t0ken", $"  token: {Canary}\n  token: {Canary}"),
            With("  url: https://forgejo.example.com", "  url: ${SECRET}"),
            With("tag: team-ci", "tag: team-ci\npoll: {interval: '${SECRET}'}\nlog: {level: '${SECRET}'}"),
        ];

        foreach (var file in files)
        {
            var loaded = Load(file, environment);
            loaded.Config.ShouldBeNull();
            string.Join('\n', loaded.Findings).ShouldNotContain(Canary);
        }

        Read(With("  token: t0ken", $"  token: {Canary}")).ToString().ShouldNotContain(Canary);
    }
}
