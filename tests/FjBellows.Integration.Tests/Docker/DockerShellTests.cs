using System.Diagnostics;
using FjBellows.Dispatch;
using FjBellows.Providers.Docker;

namespace FjBellows.Integration.Tests.Docker;

[Collection(DockerCollection.Name)]
public sealed class DockerShellTests(DockerHost host)
{
    private static readonly Secret Nothing = new("");
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Both_outputs_and_the_exit_code_arrive()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        (await shell.RunAsync("echo out; echo err >&2; exit 3", Nothing, None)).ShouldBe(new CommandResult(3, "out\n", "err\n"));
        (await shell.RunAsync("kill -9 $$", Nothing, None)).ExitCode.ShouldBeNull();
    }

    [Fact]
    public async Task Input_arrives_byte_for_byte_and_ends()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        var large = string.Concat(Enumerable.Range(0, 200_000).Select(i => (char)('a' + (i % 26)))) + "äöü€𝄞'\"\\\n\u0001";
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(large)));
        (await shell.RunAsync("sha256sum", new Secret(large), None)).Output.ShouldStartWith(sum);
        (await shell.RunAsync("cat", new Secret("no newline"), None)).Output.ShouldBe("no newline");
        (await shell.RunAsync("wc -c", Nothing, None)).Output.Trim().ShouldBe("0");
        (await shell.RunAsync("exit 0", new Secret(large), None)).ExitCode.ShouldBe(0);
        (await shell.RunAsync("cat", new Secret(large), None)).Output.ShouldBe(large);
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task Output_is_cut_at_a_mebibyte_and_drained()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        var result = await shell.RunAsync("yes 0123456789 | head -c 20000000; echo done >&2", Nothing, None);
        result.Output.Length.ShouldBe(1024 * 1024);
        result.Error.ShouldBe("done\n");
    }

    [Fact]
    public async Task A_stream_hands_over_whole_lines_as_they_come()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        var lines = new List<string>();
        var heard = new TaskCompletionSource();

        // The far side goes on only when its first line has been heard here.
        var streaming = shell.StreamAsync(
            "printf 'one\\n'; while [ ! -e /tmp/heard ]; do sleep 0.05; done; printf 'tw\\303'; sleep 0.3; printf '\\266\\nlast'; exit 4",
            Take, None);
        await heard.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await shell.RunAsync("touch /tmp/heard", Nothing, None);
        (await streaming).ShouldBe(4);
        lines.ShouldBe(["one", "twö", "last"]);

        void Take(string line)
        {
            lines.Add(line);
            heard.TrySetResult();
        }
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task A_wait_ends_when_it_is_cancelled_and_the_shell_goes_on()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var watch = Stopwatch.StartNew();
        await Should.ThrowAsync<OperationCanceledException>(() => shell.StreamAsync("sleep 600", _ => { }, stop.Token));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3));
        (await shell.RunAsync("echo still here", Nothing, None)).Output.ShouldBe("still here\n");
    }

    [Fact]
    public async Task Orphans_leave_no_zombies()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        await shell.RunAsync("for i in 1 2 3; do (setsid sh -c 'exit 0' > /dev/null 2>&1 < /dev/null &); done", Nothing, None);
        await DockerHost.UntilAsync(
            async () => !(await shell.RunAsync("ps -o stat", Nothing, None)).Output.Contains('Z'), "zombies stayed");
    }

    [Fact]
    public async Task A_container_that_ends_is_noticed_by_who_waits_and_by_who_does_not()
    {
        await using var scene = await Scene.StartAsync(host);
        var shell = scene.Shell;
        var running = shell.RunAsync("sleep 60; echo never", Nothing, None);
        await DockerHost.UntilAsync(
            async () => (await shell.RunAsync("ps", Nothing, None)).Output.Contains("sleep 60"), "the command never ran");
        await host.DockerAsync("kill", scene.Worker.Id);

        // The engine tells either of the process's death or of the container's.
        if (await Record.ExceptionAsync(() => running) is { } broken)
        {
            broken.ShouldBeOfType<SessionException>().Kind.ShouldBe(SessionErrorKind.Unreachable);
        }
        else
        {
            (await running).ExitCode.ShouldBeNull();
            (await running).Output.ShouldBeEmpty();
        }

        (await shell.Lost.WaitAsync(TimeSpan.FromMinutes(2))).ShouldContain("exit code 137");
        (await Should.ThrowAsync<SessionException>(() => shell.RunAsync("true", Nothing, None))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
        (await Should.ThrowAsync<SessionException>(() => scene.Worker.ConnectAsync(scene.Engine))).Message.ShouldContain("exit code 137");
    }

    private sealed class Scene(DockerWorker worker, DockerEngine engine) : IAsyncDisposable
    {
        public DockerWorker Worker { get; } = worker;

        public DockerEngine Engine { get; } = engine;

        public DockerShell Shell { get; } = new(engine, worker.Id);

        public static async Task<Scene> StartAsync(DockerHost host) =>
            new(await DockerWorker.StartAsync(host), new DockerEngine(host.Settings));

        public async ValueTask DisposeAsync()
        {
            await Shell.DisposeAsync();
            Engine.Dispose();
            await Worker.DisposeAsync();
        }
    }
}
