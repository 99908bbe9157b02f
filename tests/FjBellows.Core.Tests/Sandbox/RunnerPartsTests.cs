using System.Text;
using FjBellows.Sandbox.Runner;

namespace FjBellows.Tests.Sandbox;

public sealed class RunnerPartsTests
{
    [Theory]
    [InlineData("a ${{ matrix.os }} b", "a debian b")]
    [InlineData("${{ github.ref }}/${{forgejo.ref}}", "main/main")]
    [InlineData("${{ env.NOTHING || 'other' }}", "other")]
    [InlineData("${{ matrix.os == 'debian' && 'yes' || 'no' }}", "yes")]
    [InlineData("${{ matrix.os != 'DEBIAN' }}", "false")]
    [InlineData("no expression", "no expression")]
    public void Expressions_are_filled_in(string text, string filled) => Expressions().Fill(text).ShouldBe(filled);

    [Theory]
    [InlineData("${{ hashFiles('x') }}")]
    [InlineData("${{ matrix.os")]
    [InlineData("${{ unknown.x }}")]
    public void Other_expressions_are_refused(string text) => Should.Throw<FormatException>(() => Expressions().Fill(text));

    [Theory]
    [InlineData("", true, false)]
    [InlineData("always()", true, true)]
    [InlineData("${{ failure() }}", false, true)]
    [InlineData("success()", true, false)]
    [InlineData("!cancelled()", true, true)]
    [InlineData("failure() && matrix.os == 'debian'", false, true)]
    [InlineData("matrix.os == 'alpine'", false, false)]
    [InlineData("false", false, false)]
    public void Conditions_are_decided(string condition, bool afterSuccess, bool afterFailure)
    {
        Expressions().Decide(condition).ShouldBe(afterSuccess);
        var failed = Expressions();
        failed.HasFailed = true;
        failed.Decide(condition).ShouldBe(afterFailure);
    }

    [Fact]
    public void Arguments_are_read_as_the_real_runner_reads_them()
    {
        var read = RunnerArguments.Parse([
            "--url=http://127.0.0.1:3000/", "--uuid", "u", "--token-url", "file:/t", "--label", "a:host", "--label", "b:docker://node:22",
            "--fetch-interval", "1m30s", "--handle", "h", "-w", "-c", "config.yml"]);

        (read.Url, read.Uuid, read.TokenUrl, read.Handle, read.Wait, read.ConfigFile)
            .ShouldBe(("http://127.0.0.1:3000", "u", "file:/t", "h", true, "config.yml"));
        read.Labels.ShouldBe(["a", "b"]);
        read.FetchInterval.ShouldBe(TimeSpan.FromSeconds(90));
    }

    [Theory]
    [InlineData("unknown flag: --nope", "--nope")]
    [InlineData("flag needs an argument: --url", "--url")]
    [InlineData("--url, --uuid and --token-url are all needed", "--uuid", "u")]
    [InlineData("--token-url must be file:/path", "--url", "http://h", "--uuid", "u", "--token-url", "env:X")]
    [InlineData("--url ftp://h is no http or https address", "--url", "ftp://h", "--uuid", "u", "--token-url", "file:/t")]
    [InlineData("invalid duration \"2\"", "--fetch-interval", "2")]
    [InlineData(
        "label 'a:lxd:x' names the schema 'lxd', which makes forgejo-runner end at once; it knows docker, host and lxc", "--label",
        "a:lxd:x")]
    public void Wrong_arguments_are_named(string message, params string[] args) =>
        Should.Throw<FormatException>(() => RunnerArguments.Parse(args)).Message.ShouldBe(message);

    [Fact]
    [Trait("Invariant", "J8")]
    public void A_job_without_a_limit_gets_the_longest_that_a_timer_can_count()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{"runner":{"timeout":"31536000s"}}""");
            using var limit = new CancellationTokenSource(RunnerConfig.Read(file).Timeout);
            limit.IsCancellationRequested.ShouldBeFalse();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_steps_files_hold_plain_and_long_values()
    {
        StepFiles.Pairs(["A=1=2", "", "B<<END", "x", "y=z", "END", "C="]).ShouldBe([
            KeyValuePair.Create("A", "1=2"), KeyValuePair.Create("B", "x\ny=z"), KeyValuePair.Create("C", "")]);
        Should.Throw<FormatException>(() => StepFiles.Pairs(["B<<END", "x"]));
    }

    [Fact]
    public void Messages_are_written_byte_for_byte_by_their_field_numbers()
    {
        RunnerMessages.Declare("v1", ["a", "bc"]).ShouldBe(Hex("0a 02 7631  12 01 61  12 02 6263"));
        RunnerMessages.FetchSingleTask("h1").ShouldBe(Hex("12 02 6831"));
        RunnerMessages.UpdateLog(300, 2, [new RunnerLogRow(DateTimeOffset.FromUnixTimeMilliseconds(1500), "x")], true)
            .ShouldBe(Hex("08 ac02  10 02  1a 0d  0a 08  08 01  10 80cab5ee01  12 01 78  20 01"));
        var step = new StepReport { Result = TaskResult.Failure, LogIndex = 1, LogLength = 3 };
        RunnerMessages.UpdateTask(
            7, TaskResult.Failure, DateTimeOffset.FromUnixTimeSeconds(5), null, [new StepReport { Result = TaskResult.Success }, step],
            new() { ["k"] = "v" })
            .ShouldBe(Hex("0a 16  08 07  10 02  1a 02 08 05  2a 02 10 01  2a 08 08 01 10 02 28 01 30 03  12 06 0a 01 6b 12 01 76"));
    }

    [Fact]
    public void Messages_are_read_by_their_field_numbers_and_unknown_fields_are_passed_over()
    {
        // FetchSingleTaskResponse: tasks_version 9, task { id 214, payload "yaml", context { repository: "o/r", event: {} }, secrets,
        // needs, vars }.
        var context = Part("0a", Part("0a", "7265706f7369746f7279") + Part("12", Part("1a", "78")))
            + Part("0a", Part("0a", "6576656e74") + Part("12", Part("2a", "")));
        var need = Part("0a", "6e") + Part("12", Part("0a", Part("0a", "6f") + Part("12", "70")) + "1001");
        var reply = Hex("0809" + Part("12", "08d601" + Part("12", "79616d6c") + Part("1a", context)
            + Part("22", Part("0a", "73") + Part("12", "74")) + Part("32", need) + Part("3a", Part("0a", "76") + Part("12", "77"))
            + "4d00000000" + "510000000000000000"));

        var task = RunnerMessages.ReadFetched(reply, single: true).ShouldNotBeNull();

        (task.Id, task.Payload).ShouldBe((214, "yaml"));
        task.Context["repository"].ShouldBe("x");
        task.Secrets["s"].ShouldBe("t");
        task.Variables["v"].ShouldBe("w");
        task.Needs.ShouldBe(new Dictionary<string, string> { ["n.result"] = "success", ["n.outputs.o"] = "p" });
        RunnerMessages.ReadFetched(Hex("08 09"), single: true).ShouldBeNull();
        RunnerMessages.ReadFetched(Hex("0a 02 08 05  10 09"), single: false).ShouldNotBeNull().Id.ShouldBe(5);
        RunnerMessages.ReadAck(Hex("08 ac02")).ShouldBe(300);
        RunnerMessages.ReadUpdated(Hex("0a 04 08 07 10 03")).ShouldBe(TaskResult.Cancelled);
        RunnerMessages.ReadDeclared(Hex("0a 06 22 02 7231 50 01")).ShouldBe(("r1", true));
        Should.Throw<FormatException>(() => RunnerMessages.ReadAck(Hex("08 80")));
        Should.Throw<FormatException>(() => RunnerMessages.ReadAck(Hex("0a 05 61")));
    }

    [Fact]
    public void An_answer_of_http_is_read_to_its_end_or_refused()
    {
        static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
        var reply = PlainHttp.Read(Bytes("HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}"));

        (reply.Status, reply.ContentType, Encoding.ASCII.GetString(reply.Body)).ShouldBe((401, "application/json", "{}"));
        PlainHttp.Read(Bytes("HTTP/1.0 200 OK\r\n\r\nabc")).Body.Length.ShouldBe(3);
        foreach (var broken in new[] { "", "hello", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 200 OK\r\n" })
        {
            Should.Throw<IOException>(() => PlainHttp.Read(Bytes(broken)));
        }
    }

    [Theory]
    [InlineData("sh", "/bin/sh -e s")]
    [InlineData("bash", "bash --noprofile --norc -e -o pipefail s")]
    [InlineData("perl -w {0}", "perl -w s")]
    public void A_shell_becomes_its_command(string shell, string command) =>
        string.Join(' ', StepProcess.Command(shell, "s")).ShouldBe(command);

    private static JobExpressions Expressions()
    {
        var expressions = new JobExpressions();
        expressions.Set("matrix.os", "debian");
        expressions.Set("github.ref", "main");
        expressions.Set("forgejo.ref", "main");
        return expressions;
    }

    /// <summary>A field that has a length: its tag, the length, the content.</summary>
    private static string Part(string tag, string content)
    {
        var length = content.Length / 2;
        return tag + (length < 128 ? $"{length:x2}" : $"{(length & 0x7f) | 0x80:x2}{length >> 7:x2}") + content;
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
