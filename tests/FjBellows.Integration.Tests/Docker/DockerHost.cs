using System.Diagnostics;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Providers.Docker;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>A real engine of the tests' own and an image for workers, made without a registry.</summary>
[Needs(Part.DockerEngine)]
public sealed class DockerHost : IAsyncLifetime
{
    public const string Image = "fjb-worker:test";

    private const string Dotnet = "/usr/share/dotnet";

    /// <summary>Short: a socket's path has room for about a hundred bytes.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("fjb-docker-").FullName;

    /// <summary>The size of the engine's disk; 0 for the machine's own.</summary>
    public int DiskMebibytes { get; init; }

    /// <summary>True for Podman in Docker's place.</summary>
    public bool Podman { get; init; }

    /// <summary>Further options of dockerd.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    public string Socket => Path.Combine(Directory, "docker.sock");

    public DockerSettings Settings => new()
    {
        Image = Image,
        Host = new Uri($"unix://{Socket}"),
        Network = "host",
        Pull = DockerPull.Never,
        Volumes = Mounts,
    };

    /// <summary>The sandbox's runner, in forgejo-runner's place.</summary>
    public static string[] Mounts => [$"{DotnetRoot}:{Dotnet}:ro", $"{AppContext.BaseDirectory.TrimEnd('/')}:/opt/fj-bellows:ro"];

    public static string DotnetRoot =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public async Task InitializeAsync()
    {
        if (DiskMebibytes > 0)
        {
            await RunAsync(
                "mount", ["--mkdir", "-t", "tmpfs", "-o", $"size={DiskMebibytes}m", "fjb-docker", Path.Combine(Directory, "data")]);
        }

        await EngineAsync("start");
        await RunAsync("/bin/sh", [Script("mkimage.sh"), Socket, Image, DotnetRoot]);
    }

    /// <summary>Starts, stops or kills the engine.</summary>
    public Task EngineAsync(string action) =>
        RunAsync("/bin/sh", [Script(Podman ? "podman.sh" : "dockerd.sh"), action, Directory, .. Options]);

    public DockerProvider Provider(Func<DockerSettings, DockerSettings>? change = null, string forgejo = "http://127.0.0.1:9/")
    {
        var settings = change?.Invoke(Settings) ?? Settings;
        return new DockerProvider(settings, new DockerEngine(settings), Runner(forgejo));
    }

    public static RunnerSetup Runner(string forgejo = "http://127.0.0.1:9/") =>
        DockerConnector.RunnerIn(new DockerSettings { Image = Image }, forgejo, ["forgejo-runner"], needsDocker: false);

    /// <summary>The engine's own command line.</summary>
    public Task<string> DockerAsync(params string[] arguments) => RunAsync("docker", ["-H", $"unix://{Socket}", .. arguments]);

    /// <summary>The containers of a deployment, ended ones too.</summary>
    public async Task<string[]> ContainersAsync(string tag) =>
        (await DockerAsync("ps", "-aq", "--no-trunc", "--filter", $"label=fj-bellows.tag={tag}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async Task DisposeAsync()
    {
        if ((await DockerAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } left)
        {
            await DockerAsync(["rm", "-fv", .. left]);
        }

        await EngineAsync("stop");
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise, int seconds = 180)
    {
        for (var watch = Stopwatch.StartNew(); !await condition(); await Task.Delay(50))
        {
            watch.Elapsed.TotalSeconds.ShouldBeLessThan(seconds, otherwise);
        }
    }

    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "infra", name);
}

/// <summary>The tests that share the engine, one after the other: some of them restart it.</summary>
[CollectionDefinition(Name)]
public sealed class DockerCollection : ICollectionFixture<DockerHost>
{
    public const string Name = "docker";
}

/// <summary>A deployment's worker in a container, removed with the test.</summary>
internal sealed class DockerWorker(DockerHost host, DockerProvider provider, Instance instance) : IAsyncDisposable
{
    public static readonly Ownership Ownership = Ownership.Of(new Uri("http://forge.test"), "admin", "docker-tests", "main");

    public DockerProvider Provider => provider;

    public Instance Instance => instance;

    public string Id => instance.Id.Value;

    public static InstanceSpec Spec(string? name = null, Ownership? ownership = null) =>
        new(name ?? $"w-{Guid.NewGuid():N}"[..14], ownership ?? Ownership, new Secret(""), []);

    public static async Task<DockerWorker> StartAsync(DockerHost host, Func<DockerSettings, DockerSettings>? change = null)
    {
        var provider = host.Provider(change);
        return new DockerWorker(host, provider, await provider.CreateAsync(Spec(), CancellationToken.None));
    }

    public Task<IWorkerSession> ConnectAsync(DockerEngine engine, RunnerSetup? runner = null) =>
        new DockerConnector(engine, runner ?? DockerHost.Runner())
            .ConnectAsync(new WorkerEndpoint(instance.Name, Id, instance.Addresses, null), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        provider.Dispose();
        await host.DockerAsync("rm", "-fv", Id);
    }
}
