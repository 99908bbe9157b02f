using System.Text.Json;
using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Forge;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Bill;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_sweep_prints_a_line_for_each_setting_and_draws_a_page_that_needs_nothing_else()
    {
        var commits = _files.Write("commits", string.Join('\n', Enumerable.Range(0, 20).Select(i => 1_772_352_000 + (i * 4000))));

        var (code, output, error) = await DaemonProcess.RunAsync(
            "simulate", "--commits", commits, "--spread", "0", "--price", "0.03", "--sweep", "wait_budget=0s,10m", "--html", _files.At("page.html"));

        code.ShouldBe((int)ExitCode.Ok, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3);
        lines[1].ShouldStartWith("wait_budget=0s");
        lines[2].ShouldStartWith("wait_budget=10m");
        var page = await File.ReadAllTextAsync(_files.At("page.html"));
        page.ShouldContain("<svg");
        page.ShouldContain("wait_budget=10m");
        page.ShouldNotContain("http");
        page.ShouldNotContain("<script");
    }

    [Fact]
    public async Task A_machine_reads_the_same_as_json()
    {
        var csv = _files.Write("jobs.csv", "queued_at,seconds\n2026-03-01T10:00:00Z,240\n2026-03-01T10:10:00Z,240\n");

        var (code, output, error) = await DaemonProcess.RunAsync("simulate", "--csv", csv, "--json");

        code.ShouldBe((int)ExitCode.Ok, error);
        using var json = JsonDocument.Parse(output);
        var only = json.RootElement[0];
        (only.GetProperty("jobs").GetInt32(), only.GetProperty("workers").GetInt32(), only.GetProperty("warm_starts").GetInt32()).ShouldBe((2, 1, 1));
        (only.GetProperty("paid_hours").GetDouble(), only.GetProperty("bound_hours").GetDouble()).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Past_jobs_are_read_from_Forgejo()
    {
        await using var forge = await Forge.StartAsync();
        for (var i = 0; i < 60; i++)
        {
            var job = forge.Enqueue("true");
            var task = forge.State.Steal(job.Id);
            await Task.Delay(2);
            forge.State.FinishStolen(task, ForgeJobStatus.Success);
        }

        _files.Write("config.yaml", $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: bill-ci
            provider: local
            """);

        var (code, output, error) = await DaemonProcess.RunAsync("simulate", "-config", _files.Config, "--from-forgejo", "acme/app", "--json");

        code.ShouldBe((int)ExitCode.Ok, error);
        using var json = JsonDocument.Parse(output);
        json.RootElement[0].GetProperty("jobs").GetInt32().ShouldBe(60, "both pages were read");
        var (nowhere, _, why) = await DaemonProcess.RunAsync("simulate", "-config", _files.Config, "--from-forgejo", "acme/nothing");
        nowhere.ShouldBe((int)ExitCode.Failure);
        why.ShouldContain("acme/nothing");
    }

    [Theory]
    [InlineData("say where the jobs come from")]
    [InlineData("did you mean 'wait_budget'?", "--csv", "jobs.csv", "--sweep", "wait_bugdet=5m")]
    [InlineData("takes a duration", "--csv", "jobs.csv", "--set", "wait_budget=soon")]
    [InlineData("line 1", "--commits", "jobs.csv")]
    [InlineData("cannot be read", "--csv", "none.csv")]
    public async Task What_cannot_be_simulated_is_refused_with_a_remedy(string message, params string[] args)
    {
        _files.Write("jobs.csv", "1772352000,240\n");

        var (code, _, error) = await DaemonProcess.RunAsync(["simulate", .. args.Select(a => a.EndsWith(".csv", StringComparison.Ordinal) ? _files.At(a) : a)]);

        code.ShouldBe((int)ExitCode.Usage, error);
        error.ShouldContain(message);
        error.ShouldNotContain("   at ");
    }
}
