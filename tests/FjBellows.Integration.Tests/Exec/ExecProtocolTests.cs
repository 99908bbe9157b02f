using FjBellows.Providers;
using FjBellows.Providers.Exec;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Exec;

/// <summary>What the provider makes of programs that do not keep the protocol.</summary>
public sealed class ExecProtocolTests : IDisposable
{
    private const string Describe = """{"protocols":[1],"name":"test","secrets":["auth.token"],"user_data_max":100}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-exec-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("exit 30", CloudErrorKind.NotFound)]
    [InlineData("exit 31", CloudErrorKind.Conflict)]
    [InlineData("exit 32", CloudErrorKind.RateLimited)]
    [InlineData("exit 33", CloudErrorKind.CapacityOut)]
    [InlineData("exit 34", CloudErrorKind.QuotaExceeded)]
    [InlineData("exit 35", CloudErrorKind.InvalidConfig)]
    [InlineData("exit 36", CloudErrorKind.Auth)]
    [InlineData("exit 75", CloudErrorKind.Transient)]
    [InlineData("exit 1", CloudErrorKind.Transient)]
    [InlineData("exit 2", CloudErrorKind.Transient)]
    [InlineData("exit 127", CloudErrorKind.InvalidConfig)]
    [InlineData("kill -9 $$", CloudErrorKind.Transient)]
    [InlineData("echo junk", CloudErrorKind.Transient)]
    [InlineData("echo '{}'", CloudErrorKind.Transient)]
    [InlineData("""echo '{"error":{"kind":"quota_exceeded","message":"m"}}'; exit 33""", CloudErrorKind.Transient)]
    [InlineData("""echo '{"error":{"kind":"capacity_out","message":"m","retry_after_s":30}}'; exit 33""", CloudErrorKind.CapacityOut)]
    [InlineData("""echo '{"instances":[]}'""", CloudErrorKind.Transient)]
    [InlineData("yes | head -c 5000000", CloudErrorKind.Transient)]
    [Trait("Invariant", "R2")]
    public async Task Exit_codes_and_answers_become_failures(string script, CloudErrorKind kind)
    {
        using var provider = await OpenAsync($"list) {script};;");

        (await Should.ThrowAsync<CloudException>(() => provider.ListAsync(ProviderContract.Ours, default))).Kind.ShouldBe(kind);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_pause_is_passed_on_and_a_disagreement_is_named()
    {
        using var provider = await OpenAsync(
            """list) echo '{"error":{"kind":"rate_limited","message":"slow down","retry_after_s":30}}'; exit 32;; get) echo """ +
            """'{"error":{"kind":"auth"}}'; exit 33;;""");

        var failure = await Should.ThrowAsync<CloudException>(() => provider.ListAsync(ProviderContract.Ours, default));
        (failure.RetryAfter, failure.MayHaveTakenEffect).ShouldBe((TimeSpan.FromSeconds(30), false));
        failure.Message.ShouldContain("slow down");
        (await Should.ThrowAsync<CloudException>(() => provider.GetAsync(new InstanceId("1"), default))).Message
            .ShouldContain("error.kind is 'auth'");
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task A_program_that_does_not_end_is_killed_with_all_it_started()
    {
        var mark = Path.Combine(_directory, "child");
        using var provider = await OpenAsync($"list) trap '' TERM; sh -c 'echo $$ > {mark}; sleep 300' & wait; sleep 300;;", s => s with
        {
            Timeouts = new Dictionary<string, TimeSpan> { ["describe"] = TimeSpan.FromSeconds(60), ["list"] = TimeSpan.FromSeconds(3) },
        });

        var failure = await Should.ThrowAsync<CloudException>(() => provider.ListAsync(ProviderContract.Ours, default));

        (failure.Kind, failure.MayHaveTakenEffect).ShouldBe((CloudErrorKind.Transient, true));
        failure.Message.ShouldContain("did not end within 3 s");
        var child = int.Parse(await File.ReadAllTextAsync(mark), System.Globalization.CultureInfo.InvariantCulture);
        var status = $"/proc/{child}/status";
        (!File.Exists(status) || (await File.ReadAllTextAsync(status)).Contains("State:\tZ", StringComparison.Ordinal))
            .ShouldBeTrue("the child lives on");
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task Secrets_reach_the_program_by_its_input_only_and_no_message()
    {
        using var provider = await OpenAsync(
            """create) cat > input; env > environment; echo "$0 $*" > arguments; echo "refused: s3cret-of-the-cloud" >&2; exit 36;""" +
            """; list) echo '{"instances":[],"complete":true}';;""",
            s => s with { Settings = new() { ["auth"] = new System.Text.Json.Nodes.JsonObject { ["token"] = "s3cret-of-the-cloud" } } });

        var failure = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(Spec("#cloud-config"), default));

        failure.Message.ShouldContain("refused: ***");
        (await File.ReadAllTextAsync(Path.Combine(_directory, "input"))).ShouldContain("s3cret-of-the-cloud");
        (await File.ReadAllTextAsync(Path.Combine(_directory, "environment"))).ShouldNotContain("s3cret");
        (await File.ReadAllTextAsync(Path.Combine(_directory, "arguments"))).ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_document_above_the_programs_limit_is_not_sent()
    {
        using var provider = await OpenAsync("list) echo '{\"instances\":[],\"complete\":true}';;");

        var failure = await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(Spec(new string('x', 101)), default));

        failure.Kind.ShouldBe(CloudErrorKind.InvalidConfig);
        failure.Message.ShouldContain("101 bytes");
    }

    [Fact]
    public async Task Without_a_common_version_or_a_program_the_configuration_is_wrong()
    {
        (await Should.ThrowAsync<CloudException>(() => OpenAsync("", describe: """{"protocols":[7]}"""))).Kind
            .ShouldBe(CloudErrorKind.InvalidConfig);
        var absent = new ExecSettings { Command = [Path.Combine(_directory, "absent")], Directory = _directory };
        (await Should.ThrowAsync<CloudException>(() => ExecProvider.OpenAsync(absent))).Kind.ShouldBe(CloudErrorKind.InvalidConfig);
    }

    private static InstanceSpec Spec(string userData) => new("acme-ci-w1", ProviderContract.Ours, new Secret(userData), []);

    private async Task<ExecProvider> OpenAsync(string cases, Func<ExecSettings, ExecSettings>? change = null, string describe = Describe)
    {
        var script = Path.Combine(_directory, "program.sh");
        await File.WriteAllTextAsync(script, $"case $1 in describe) echo '{describe}';; {cases} esac\n");
        var settings = new ExecSettings { Command = ["/bin/bash", script], Directory = _directory };
        return await ExecProvider.OpenAsync(change?.Invoke(settings) ?? settings);
    }
}
