using FjBellows.Dispatch;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>What is asked of Docker after a job, seen by a stand-in for its command line that keeps containers, networks and volumes as
/// files.</summary>
[Trait("Invariant", "J9")]
public sealed class DockerCleanTests
{
    private const string Docker = """
        #!/bin/sh
        # Filters are regular expressions anywhere in the name, as in the real engine. Names stand for ids.
        kind=container
        case "$1" in network | volume) kind=$1; shift ;; esac
        case "$1" in
          info) echo 27.1 ;;
          ps | ls) ls "$0.state/$kind" | grep -E -e "${4#name=}" ;;
          inspect) echo "network WORKFLOW-0123456789abcdef0123456789abcdef"; echo "network bridge"; echo "volume fedcba9876543210fedcba9876543210-env"; echo "volume database" ;;
          prune) rm -f "$0.state/$kind"/* ;;
          rm) shift; for name in "$@"; do case "$name" in -*) ;; *) rm "$0.state/$kind/$name" || exit 1 ;; esac; done ;;
        esac
        exit 0
        """;

    private const string Neighbours =
        "FORGEJO-ACTIONS-TASK-2147_WORKFLOW-b FORGEJO-ACTIONS-TASK-9 WORKFLOW-ffffffffffffffffffffffffffffffff database";
    private static readonly string[] Containers = ["FORGEJO-ACTIONS-TASK-214_WORKFLOW-a", .. Neighbours.Split(' ')];
    private static readonly string[] Networks = ["WORKFLOW-0123456789abcdef0123456789abcdef", .. Neighbours.Split(' ')];
    private static readonly string[] Volumes = ["fedcba9876543210fedcba9876543210-env", .. Neighbours.Split(' ')];

    [Theory]
    [InlineData(DockerUse.Own, false, "")]
    [InlineData(DockerUse.Own, true, Neighbours)]
    [InlineData(DockerUse.Shared, false, Neighbours)]
    public async Task Tasks_leftovers_go_and_nothing_else(DockerUse use, bool anotherRuns, string left)
    {
        await using var bench = new DispatchBench("case \"$PWD\" in */w-2) exec sleep 60 ;; esac", setup => setup with { Docker = use });
        var bin = Directory.CreateDirectory(Path.Combine(bench.Root, "bin")).FullName;
        var docker = Path.Combine(bin, "docker");
        await File.WriteAllTextAsync(docker, Docker.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (var name in Containers.Select(name => $"container/{name}").Concat(Networks.Select(name => $"network/{name}"))
            .Concat(Volumes.Select(name => $"volume/{name}")))
        {
            var path = Path.Combine(docker + ".state", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "");
        }

        await using var session = new ShellWorkerSession(new PathShell(new LocalShell(bench.Root), bin), bench.Setup, "w");
        (await session.CheckReadyAsync(CancellationToken.None)).Ready.ShouldBeTrue();
        if (anotherRuns)
        {
            await session.StartAsync(DispatchBench.Launch("w-2"), CancellationToken.None);
        }

        await session.StartAsync(DispatchBench.Launch(), CancellationToken.None);
        await session.FollowAsync(DispatchBench.Id, null, CancellationToken.None);
        await session.CleanAsync(DispatchBench.Id, CancellationToken.None);

        foreach (var kind in new[] { "container", "network", "volume" })
        {
            string.Join(
                ' ', Directory.GetFiles(Path.Combine(docker + ".state", kind)).Select(Path.GetFileName).Order(StringComparer.Ordinal))
                    .ShouldBe(left);
        }
    }

    private sealed class PathShell(LocalShell inner, string bin) : IWorkerShell
    {
        public Task<string> Lost => inner.Lost;

        public string? HostKey => null;

        public Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken) =>
            inner.RunAsync($"PATH={ShellQuoting.Quote(bin)}:$PATH\n{command}", input, cancellationToken);

        public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken) =>
            inner.StreamAsync($"PATH={ShellQuoting.Quote(bin)}:$PATH\n{command}", line, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
