using System.Diagnostics;
using System.Text;
using FjBellows.Dispatch;
using FjBellows.Ssh;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The shell itself: any text, any input, bounded output.</summary>
[Needs(Part.Sshd)]
public class CommandTests
{
    [Fact]
    public async Task Commands_and_input_arrive_byte_for_byte()
    {
        await using var bench = await SshBench.StartAsync();
        await using var link = await SshLink.DialAsync(bench.Host.Address, bench.Settings, null, TimeProvider.System, default);
        await using var shell = new SshShell(link);
        const string text = "back\\slash \\n \\0101 %s 'quotes' \"more\" $HOME `id` \\c ünïcödé 🙂\ttab\r and\n\nempty lines\n";

        var command = $"cat <<'END'\n{text}END\n";
        (await shell.RunAsync(command, new Secret(""), default)).Output.ShouldBe(text);
        (await shell.RunAsync("cat", new Secret(text), default)).Output.ShouldBe(text);
        (await shell.RunAsync("cat", new Secret(""), default)).Output.ShouldBe("");

        var big = new string('x', 3_000_000);
        (await shell.RunAsync("wc -c", new Secret(big), default)).Output.Trim().ShouldBe("3000000");
        (await shell.RunAsync("true", new Secret(big), default)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Exit_codes_signals_and_both_streams_come_back()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();

        var result = await session.ExecAsync("echo out; echo err >&2; exit 7", default);

        result.ShouldBe(new CommandResult(7, "out\n", "err\n"));
        (await session.ExecAsync("kill -9 $$", default)).ExitCode.ShouldBeNull();
        (await session.ExecAsync("head -c 5000000 /dev/zero | tr '\\0' x", default)).Output.Length.ShouldBe(1 << 20);
    }

    [Fact]
    public async Task Commands_that_die_at_once_do_not_cost_the_connection()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 600),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, token) => (await session.ExecAsync(i % 2 == 0 ? "kill -9 $$" : "exit 3", token)).ExitCode
                .ShouldBe(i % 2 == 0 ? null : 3));
    }

    [Fact]
    public async Task Twenty_commands_at_once_all_end()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => session.ExecAsync($"sleep 0.05; echo {i}", default)));

        results.Select(r => r.Output.Trim()).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_wait_can_be_given_up_and_the_connection_goes_on()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        using var cancel = new CancellationTokenSource(100);

        var clock = Stopwatch.StartNew();
        await Should.ThrowAsync<OperationCanceledException>(() => session.ExecAsync("sleep 600", cancel.Token));

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3));
        (await session.ExecAsync("echo on", default)).Output.ShouldBe("on\n");
    }

    [Fact]
    public async Task Lines_come_as_they_are_written()
    {
        await using var bench = await SshBench.StartAsync();
        await using var link = await SshLink.DialAsync(bench.Host.Address, bench.Settings, null, TimeProvider.System, default);
        await using var shell = new SshShell(link);
        var lines = new List<string>();
        var heard = Path.Combine(bench.Host.Directory, "heard");

        // The far side goes on only when its first line has been heard here.
        var code = await shell.StreamAsync(
            $"echo 'ä1'; while [ ! -e {heard} ]; do sleep 0.05; done; printf 'two\\nlast'; exit 3", Take, default)
                .WaitAsync(TimeSpan.FromMinutes(2));

        code.ShouldBe(3);
        lines.ShouldBe(["ä1", "two", "last"]);

        void Take(string line)
        {
            lines.Add(line);
            File.WriteAllText(heard, "");
        }
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task No_process_list_on_the_worker_shows_a_command()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();

        var seen = await session.ExecAsync("marker=unmistakable; tr '\\0' ' ' < /proc/$$/cmdline", default);

        seen.Output.ShouldNotContain("unmistakable");
        Encoding.UTF8.GetByteCount(seen.Output).ShouldBeGreaterThan(0);
    }
}
