using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Dispatch;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>What a killed job leaves on a real engine, and what a clean-up leaves of that.</summary>
[Needs(Part.DockerEngine)]
[Trait("Invariant", "J9")]
public sealed class DockerCleanUpTests(DockerHost host) : IClassFixture<DockerHost>
{
    private const string Hex = "0123456789abcdef0123456789abcdef";
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(DockerUse.Own)]
    [InlineData(DockerUse.Shared)]
    public async Task Containers_networks_and_volumes_go(DockerUse use)
    {
        await using var bench = new DispatchBench("exit 0", setup => setup with { Docker = use });
        await using var session = new ShellWorkerSession(new EngineShell(new LocalShell(bench.Root), host.Socket), bench.Setup, "w");
        await session.StartAsync(DispatchBench.Launch(), None);
        await session.FollowAsync(DispatchBench.Id, null, None);

        // As the runner names what is of task 214, and beside it what is of somebody else's.
        string[] run = ["run", "-d", "--entrypoint", "/bin/sleep"];
        await host.DockerAsync("volume", "create", Hex);
        await host.DockerAsync("volume", "create", $"{Hex}-env");
        await host.DockerAsync("volume", "create", "database");
        await host.DockerAsync(
            [.. run, "--name", $"FORGEJO-ACTIONS-TASK-214_WORKFLOW-{Hex}_JOB-kill", "-v", $"{Hex}:/a", "-v", $"{Hex}-env:/b", "--network",
                "none", DockerHost.Image, "600"]);
        await host.DockerAsync(
            [.. run, "--name", $"FORGEJO-ACTIONS-TASK-214-WORKFLOW-{Hex}", "--restart", "always", "--network", "none", DockerHost.Image,
                "600"]);
        await host.DockerAsync(
            "create", "--entrypoint", "/bin/sleep", "--name", "FORGEJO-ACTIONS-TASK-214-created", "--network", "none", DockerHost.Image,
            "600");
        await host.DockerAsync(
            [.. run, "--name", "FORGEJO-ACTIONS-TASK-2147-other", "-v", "database:/a", "--network", "none", DockerHost.Image, "600"]);

        await session.CleanAsync(DispatchBench.Id, None);
        await session.CleanAsync(DispatchBench.Id, None);

        var containers = Lines(await host.DockerAsync("ps", "-a", "--format", "{{.Names}}"));
        var volumes = Lines(await host.DockerAsync("volume", "ls", "-q"));
        containers.ShouldBe(use == DockerUse.Own ? [] : ["FORGEJO-ACTIONS-TASK-2147-other"]);
        volumes.ShouldBe(use == DockerUse.Own ? [] : ["database"]);
        if (use == DockerUse.Shared)
        {
            await host.DockerAsync("rm", "-f", "FORGEJO-ACTIONS-TASK-2147-other");
            await host.DockerAsync("volume", "rm", "database");
        }
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class EngineShell(LocalShell inner, string socket) : IWorkerShell
    {
        public Task<string> Lost => inner.Lost;

        public string? HostKey => null;

        public Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken) =>
            inner.RunAsync($"export DOCKER_HOST=unix://{socket}\n{command}", input, cancellationToken);

        public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken) =>
            inner.StreamAsync($"export DOCKER_HOST=unix://{socket}\n{command}", line, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
