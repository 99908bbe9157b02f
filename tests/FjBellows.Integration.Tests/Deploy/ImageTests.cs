using System.Diagnostics;
using System.Net;
using FjBellows.Integration.Tests.Docker;
using FjBellows.Integration.Tests.Ssh;

namespace FjBellows.Integration.Tests.Deploy;

/// <summary>
/// deploy/Dockerfile, built by a real engine from a base of Debian's packages, and run as it is meant to be: user 65532, no shell, flags as
/// they are by default.
/// </summary>
[Collection(DockerCollection.Name)]
public sealed class ImageTests(DockerHost host) : IAsyncLifetime
{
    private const string Image = "fj-bellows:test";
    private const string Program = "/opt/fj-bellows/fj-bellows";

    // The engine's own command line of 20.10 brings BuildKit along; newer ones need a plugin for it.
    private const string Docker = "/usr/bin/docker";
    private static readonly SemaphoreSlim Building = new(1, 1);
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-image-").FullName;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "config.yaml"),
            """
            forgejo: {url: "http://127.0.0.1:9", token: canary-token, scope: admin, labels: [docker]}
            tag: image-ci
            provider: local
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory, (UnixFileMode)0x1ED);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    [Trait("Invariant", "O5")]
    [Trait("Invariant", "R4")]
    public async Task A_container_starts_locks_refuses_a_second_daemon_and_stops_in_time()
    {
        await BuildAsync();
        await using var container = await RunAsync();
        await container.SaysAsync("ready");
        // What HEALTHCHECK runs.
        (await TryAsync("exec", container.Name, Program, "health")).ShouldBe((0, "ok\n"));

        var second = await TryAsync("exec", container.Name, Program);
        second.Code.ShouldBe(3, second.Output);
        second.Output.ShouldContain("holds the lock /run/fj-bellows.lock");

        var watch = Stopwatch.StartNew();
        await host.DockerAsync("stop", "-t", "120", container.Name);
        watch.Elapsed.TotalSeconds.ShouldBeLessThan(100);
        (await host.DockerAsync("inspect", container.Name, "--format", "{{.State.ExitCode}}")).Trim().ShouldBe("0");
        (await container.LogAsync()).ShouldContain("stopped");
    }

    [Theory]
    [InlineData("/run")]
    [InlineData("/run:mode=1777")]
    public async Task It_runs_with_a_root_that_cannot_be_written_and_a_tmpfs_on_run(string tmpfs)
    {
        await BuildAsync();
        File.ReadAllText(Repository.At("docs/operations.md")).ShouldContain("`--read-only --tmpfs /run`");
        await using var container = await RunAsync(
            "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", tmpfs);
        await container.SaysAsync("ready");
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task Its_control_plane_is_reached_from_the_host_as_the_operations_page_says()
    {
        await BuildAsync();
        await File.WriteAllTextAsync(Path.Combine(_directory, "control-token"), "0123456789abcdef-control\n");
        var printed = File.ReadLines(Repository.At("docs/operations.md"))
            .Single(l => l.StartsWith("docker run ", StringComparison.Ordinal)
                && l.Contains(" -p 127.0.0.1:9876:9876 fj-bellows ", StringComparison.Ordinal));
        var flags = printed[(printed.LastIndexOf(" fj-bellows -", StringComparison.Ordinal) + " fj-bellows ".Length)..].Split(' ');
        // The test's engine gives no container a network of its own: the host's, and a port that nobody else has.
        await using var container = await RunAsync(
            ["--network", "host", "-v", $"{_directory}:/etc/fj-bellows:ro"], [.. flags.Select(f => f == ":9876" ? ":19876" : f)]);
        await container.SaysAsync("ready");

        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:19876") };
        (await http.GetAsync(new Uri("api/v1/pools", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var status = await TryAsync(
            "exec", container.Name, Program, "status", "-control-listen", ":19876", "-control-token-file", "/etc/fj-bellows/control-token");
        status.Output.ShouldContain("default");
    }

    [Fact]
    public async Task It_has_no_shell_runs_as_65532_and_keeps_its_journal_on_a_volume()
    {
        await BuildAsync();
        var image = await host.DockerAsync(
            "inspect", Image, "--format", "{{.Config.User}} {{json .Config.Volumes}} {{json .Config.Healthcheck.Test}}");
        image.Trim().ShouldBe($$$"""65532:65532 {"/var/lib/fj-bellows":{}} ["CMD","{{{Program}}}","health"]""");

        await using var container = await RunAsync();
        await container.SaysAsync("ready");
        (await TryAsync("exec", container.Name, "/bin/sh", "-c", "true")).Code.ShouldNotBe(0);
        var volume =
            (await host.DockerAsync("inspect", container.Name, "--format", "{{(index .Mounts 0).Source}} {{(index .Mounts 1).Source}}"))
                .Trim()
            .Split(' ').Single(s => s.Contains("/volumes/", StringComparison.Ordinal));
        (await DockerHost.RunAsync("stat", ["-c", "%u %g %a", $"{volume}/journal.db"])).Trim().ShouldBe("65532 65532 600");
    }

    /// <summary>Builds the image once; the engine keeps it for the next test.</summary>
    private async Task BuildAsync()
    {
        await Building.WaitAsync();
        try
        {
            if ((await host.DockerAsync("images", "-q", Image)).Trim().Length > 0)
            {
                return;
            }

            await DockerHost.RunAsync(
                "/bin/sh",
                [Path.Combine(
                    AppContext.BaseDirectory, "infra", "mkbuildimages.sh"), host.Socket, "fjb-sdk:test", "fjb-base:test",
                    DockerHost.DotnetRoot]);
            // That compiling to machine code works is shown by the release's archive.
            var (code, text) = await TryAsync(
                ["build", "--network", "host", "--build-arg", "SDK=fjb-sdk:test", "--build-arg", "BASE=fjb-base:test", "--build-arg",
                    "READY_TO_RUN=false", "-f", Repository.At("deploy/Dockerfile"), "-t", Image, Repository.Root]);
            code.ShouldBe(0, text);
        }
        finally
        {
            Building.Release();
        }
    }

    private Task<Container> RunAsync(params string[] options) =>
        RunAsync(["--network", "none", "-v", $"{_directory}/config.yaml:/etc/fj-bellows/config.yaml:ro", .. options], []);

    private async Task<Container> RunAsync(string[] options, string[] flags)
    {
        var name = $"fjb-{Guid.NewGuid():N}";
        await host.DockerAsync(["run", "-d", "--name", name, .. options, Image, .. flags]);
        return new Container(this, name);
    }

    // BuildKit is off by default in 20.10.
    private Task<(int Code, string Output)> TryAsync(params string[] arguments) =>
        Command.TryAsync("/usr/bin/env", ["DOCKER_BUILDKIT=1", Docker, "-H", $"unix://{host.Socket}", .. arguments]);

    private sealed class Container(ImageTests tests, string name) : IAsyncDisposable
    {
        public string Name => name;

        public async Task<string> LogAsync() => (await tests.TryAsync("logs", name)).Output;

        public Task SaysAsync(string text) =>
            DockerHost.UntilAsync(
                async () => (await LogAsync()).Contains(text, StringComparison.Ordinal), $"the container never said '{text}'", 30);

        public async ValueTask DisposeAsync() => await tests.TryAsync("rm", "-fv", name);
    }
}
