using System.Text.Json;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Client;
using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Control;

public sealed class CommandTests
{
    [Fact]
    public async Task Tables_are_for_people()
    {
        await using var scene = await SceneAsync();

        (await RunAsync(scene, "status"))
            .ShouldSatisfyAllConditions(
                r => r.Code.ShouldBe(0), r => r.Output.ShouldMatch(@"ok, fj-bellows \d"),
                r => r.Output.ShouldMatch(@"default +silent +2 +1 +1"));
        (await RunAsync(scene, "workers")).Output.ShouldMatch(@"ci-a +default +busy .* 17 build +runs build");
        (await RunAsync(scene, "workers", "--state", "idle")).Output.ShouldNotContain("ci-a");
        (await RunAsync(scene, "jobs")).Output
            .ShouldMatch(@"18 +test +waiting +default .* waits 30s +scale\.max \(1\) reached, all workers are busy");
        (await RunAsync(scene, "explain", "18")).Output.ShouldContain("test waits in pool default: scale.max (1) reached");
        (await RunAsync(scene, "explain", "ci-a")).Output.ShouldContain("ci-a is busy: runs build");
        (await RunAsync(scene, "events", "--worker", "ci-a")).Output.ShouldContain("default: event 2");
        (await RunAsync(scene, "logs", "17")).Output.ShouldBe("hello [world]\n");
        (await RunAsync(scene, "explain", "nope"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("worker nope does not exist now"));
        (await RunAsync(scene, "explain", "99"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("no pool knows job 99"));
        (await RunAsync(scene, "logs", "nope"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Error.ShouldContain("no log is kept for nope"));
        (await RunAsync(scene, "top")).Output.ShouldContain("default");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(130)]
    public async Task A_worker_takes_one_line_on_a_terminal(int width)
    {
        await using var scene = await SceneAsync();
        WorkerInfo[] workers =
        [
            .. (await scene.GetAsync("/api/v1/workers", ControlJson.Default.IReadOnlyListWorkerInfo)).Select(w => w with
            {
                Name = w.Name + "-k3v9x-21", Why = "it is kept for acme/shop, whose build ended a moment ago,\nand is given up at 12:55",
            }),
        ];
        using var output = new StringWriter();
        var console = Spectre.Console.AnsiConsole.Create(
            new() { Ansi = Spectre.Console.AnsiSupport.No, Out = new Spectre.Console.AnsiConsoleOutput(output) });
        console.Profile.Width = width;

        console.Write(ConsoleTables.Workers(workers, Noon, width));

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1 + workers.Length, output.ToString());
        lines.ShouldAllBe(l => l.Length <= width);
        lines[1].ShouldMatch(@"^ci-a-k3v9x-21 .*busy .* 40m .*…");
    }

    [Fact]
    public async Task What_nobody_foresaw_is_reported_in_a_line_as_a_bug()
    {
        using var output = new BrokenWriter();
        using var error = new StringWriter();

        (await CommandLine.InvokeAsync(["schema"], output, error)).ShouldBe(1);

        error.ToString().TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldContain("'schema' failed unexpectedly");
        error.ToString().ShouldContain("System.InvalidOperationException: broken");
    }

    [Fact]
    public async Task Json_is_for_machines()
    {
        await using var scene = await SceneAsync();

        Read(await RunAsync(scene, "status", "--json"), ControlJson.Default.StatusInfo).Health.Status.ShouldBe("ok");
        Read(await RunAsync(scene, "workers", "--json"), ControlJson.Default.IReadOnlyListWorkerInfo).Count.ShouldBe(2);
        Read(await RunAsync(scene, "jobs", "--json"), ControlJson.Default.JobsInfo).Waiting.ShouldHaveSingleItem();
        Read(await RunAsync(scene, "events", "--json", "--limit", "1"), ControlJson.Default.EventInfo).Message.ShouldBe("event 2");
        Read(await RunAsync(scene, "explain", "18", "--json"), ControlJson.Default.ExplainInfo).Job!.Id.ShouldBe(18);
        Read(await RunAsync(scene, "pause", "--json"), ControlJson.Default.CommandInfo).Results.ShouldHaveSingleItem().Done.ShouldBeTrue();
        Read(await RunAsync(scene, "exec", "ci-a", "id", "--json"), ControlJson.Default.ExecInfo).Output.ShouldBe("out");

        static T Read<T>((int Code, string Output, string Error) result, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
            JsonSerializer.Deserialize(result.Output, json)!;
    }

    [Fact]
    public async Task Commands_steer_and_tell_by_their_exit_code_how_it_went()
    {
        await using var scene = await SceneAsync();

        (await RunAsync(scene, "pause")).ShouldBe((0, "default: done\n", ""));
        (await RunAsync(scene, "resume", "default")).Code.ShouldBe(0);
        (await RunAsync(scene, "reconcile")).Code.ShouldBe(0);
        (await RunAsync(scene, "provision", "--count", "2")).Code.ShouldBe(0);
        (await RunAsync(scene, "drain", "ci-a")).Code.ShouldBe(0);
        (await RunAsync(scene, "reload")).Output.ShouldContain("in force, said 127.0.0.1");
        (await RunAsync(scene, "exec", "ci-a", "--", "ls", "-l")).ShouldBe((0, "out", "err"));
        scene.Pool.Told.OfType<PoolProtocol.RunOnWorker>().Single().Command.ShouldBe("ls -l");

        scene.Pool.Reply = _ => new CommandRefused("it runs build (W15)");
        (await RunAsync(scene, "delete", "ci-a"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("refused default: it runs build (W15)"));
        (await RunAsync(scene, "exec", "ci-a", "id"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Error.ShouldContain("it runs build"));
        (await RunAsync(scene, "drain", "ci-z"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Error.ShouldContain("there is no worker 'ci-z'"));
        scene.Pool.Reply = _ => new CommandRan(new CommandResult(3, "", ""));
        (await RunAsync(scene, "exec", "ci-a", "false"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Error.ShouldContain("exit code 3"));
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("logs")]
    [InlineData("workers", "--state", "asleep")]
    [InlineData("provision", "--count", "many")]
    [InlineData("completion", "csh")]
    [InlineData("status", "-control-listen", "not an address")]
    [InlineData("status", "-control-token-file", "/no/such/file")]
    public async Task What_is_written_wrongly_ends_with_2(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        (await CommandLine.InvokeAsync(args, output, error)).ShouldBe(2, error.ToString());
        error.ToString().ShouldStartWith("fj-bellows: ");
    }

    [Fact]
    public async Task Nobody_there_ends_with_1_and_says_how_to_name_another()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        (await CommandLine.InvokeAsync(["status", "-control-listen", "127.0.0.1:1"], output, error)).ShouldBe(1);
        error.ToString().ShouldContain("no daemon answers at http://127.0.0.1:1/");
        error.ToString().ShouldContain("FJB_LISTEN");
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task The_token_comes_from_a_file()
    {
        await using var scene = await StartAsync(token: Token);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Token + "\n");
            (await RunAsync(scene, "pause"))
                .ShouldSatisfyAllConditions(
                    r => r.Code.ShouldBe(1), r => r.Error.ShouldContain("token is missing or wrong"),
                    r => r.Error.ShouldContain("FJB_TOKEN_FILE"));
            (await RunAsync(scene, "pause", "-control-token-file", file)).Code.ShouldBe(0);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef\n0123456789abcdef")]
    [InlineData("0123456789abcdef-ключ")]
    [Trait("Invariant", "S9")]
    public async Task What_cannot_be_a_token_is_refused_by_the_daemon_and_its_clients(string content)
    {
        using var files = new DaemonFiles();
        var file = files.Write("token", content);
        foreach (var args in (string[][])[["status"], [.. files.Arguments]])
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            (await CommandLine.InvokeAsync([.. args, "-control-token-file", file], output, error)).ShouldBe(2, error.ToString());
            error.ToString().ShouldContain("openssl rand -hex 32");
        }
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task The_environment_names_the_daemon_and_the_token()
    {
        await using var scene = await StartAsync(token: Token);
        using var files = new DaemonFiles();
        var environment = new Dictionary<string, string?>
        {
            ["FJB_LISTEN"] = scene.Url.AbsoluteUri,
            ["FJB_TOKEN_FILE"] = files.Write("token", Token + "\n"),
        };

        using var pause = DaemonProcess.Start(["pause"], environment);

        (await pause.ExitAsync()).ShouldBe(0, pause.Error);
        scene.Pool.Told.ShouldHaveSingleItem().ShouldBeOfType<PoolProtocol.Pause>();
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _fj_bellows fj-bellows")]
    [InlineData("zsh", "#compdef fj-bellows")]
    [InlineData("fish", "complete -c fj-bellows")]
    public async Task Shells_complete_by_asking_the_program(string shell, string line)
    {
        (await InvokeAsync("completion", shell)).ShouldContain(line);
        (await InvokeAsync("[suggest:15]", "fj-bellows work")).ShouldBe("workers\n");
        (await InvokeAsync("[suggest:22]", "fj-bellows workers --s")).ShouldContain("--state");

        static async Task<string> InvokeAsync(params string[] args)
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            (await CommandLine.InvokeAsync(args, output, error)).ShouldBe(0, error.ToString());
            return output.ToString();
        }
    }

    [Fact]
    public async Task A_real_bash_completes()
    {
        using var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await bash.StandardInput.WriteAsync(
            $$"""
            fj-bellows() { dotnet '{{Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll")}}' "$@"; }
            source <(fj-bellows completion bash)
            COMP_LINE='fj-bellows relo' COMP_POINT=15
            _fj_bellows fj-bellows relo fj-bellows
            printf '%s\n' "${COMPREPLY[@]}"
            exit
            """);
        bash.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        (await bash.StandardOutput.ReadToEndAsync(limit.Token)).ShouldBe("reload\n");
        await bash.WaitForExitAsync(limit.Token);
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new InvalidOperationException("broken");
    }

    private static async Task<ControlScene> SceneAsync()
    {
        var scene = await StartAsync();
        scene.Pool.Status = scene.Pool.Status! with
        {
            Workers = [Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17)), Worker("ci-b")],
            Waiting = [new JobWait(Job(18, "test"), Noon.AddSeconds(-30), new WaitReason.AtMaximum(1))],
        };
        scene.Pool.Reply = m => m is PoolProtocol.RunOnWorker
            ? new CommandRan(new CommandResult(0, "out", "err"))
            : new PoolProtocol.Done("done");
        scene.Feed.Notices.Add(scene.Notice(1));
        scene.Feed.Notices.Add(scene.Notice(2, worker: "ci-a"));
        scene.Feed.Lines.Add(new FjBellows.Daemon.Control.Events.JobLine(Noon, "default", "ci-a", "ci-a-1", 17, "hello [world]"));
        return scene;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(ControlScene scene, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] address =
            ["-control-listen", scene.Url.AbsoluteUri, .. scene.TokenFile is { } file ? (string[])["-control-token-file", file] : []];
        var end = Array.IndexOf(args, "--");
        var code = await CommandLine.InvokeAsync(
            end < 0 ? [.. args, .. address] : [.. args[..end], .. address, .. args[end..]], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
