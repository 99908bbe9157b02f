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
            "simulate", "--commits", commits, "--spread", "0", "--price", "0.03", "--sweep", "wait_budget=0s,10m", "--html",
            _files.At("page.html"));

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
        (only.GetProperty("jobs").GetInt32(), only.GetProperty("workers").GetInt32(), only.GetProperty("warm_starts").GetInt32())
            .ShouldBe((2, 1, 1));
        (only.GetProperty("billed_hours").GetDouble(), only.GetProperty("bound_hours").GetDouble()).ShouldBe((1, 1));
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

        var (code, output, error) = await DaemonProcess.RunAsync(
            "simulate", "-config", _files.Config, "--from-forgejo", "acme/app", "--json");

        code.ShouldBe((int)ExitCode.Ok, error);
        using var json = JsonDocument.Parse(output);
        json.RootElement[0].GetProperty("jobs").GetInt32().ShouldBe(60, "both pages were read");
        var (nowhere, _, why) = await DaemonProcess.RunAsync("simulate", "-config", _files.Config, "--from-forgejo", "acme/nothing");
        nowhere.ShouldBe((int)ExitCode.Failure);
        why.ShouldContain("acme/nothing");
    }

    [Fact]
    public async Task A_label_may_have_a_budget_of_its_own_and_a_step_another_length()
    {
        var csv = _files.Write("jobs.csv", string.Concat(Enumerable.Range(0, 3).Select(_ => "2026-03-01T10:00:00Z,240,a/b,job,nightly\n")));

        var (code, output, error) = await DaemonProcess.RunAsync(
            "simulate", "--csv", csv, "--json", "--set", "billing=hourly:30m", "--set", "expected_duration=4m", "--sweep",
            "wait_budgets.deploy=20m", "--sweep", "wait_budgets.nightly=0s,20m");

        code.ShouldBe((int)ExitCode.Ok, error);
        using var json = JsonDocument.Parse(output);
        json.RootElement.EnumerateArray().Select(p => (p.GetProperty("workers").GetInt32(), p.GetProperty("billed_hours").GetDouble()))
            .ShouldBe([(3, 1.5), (1, 0.5)]);
    }

    [Theory]
    [InlineData("say where the jobs come from")]
    [InlineData("did you mean 'wait_budget'?", "--csv", "jobs.csv", "--sweep", "wait_bugdet=5m")]
    [InlineData("takes a duration", "--csv", "jobs.csv", "--set", "wait_budget=soon")]
    [InlineData("line 1", "--commits", "jobs.csv")]
    [InlineData("cannot be read", "--csv", "none.csv")]
    [InlineData("hour_margin (02:00:00) must be shorter", "--csv", "jobs.csv", "--set", "hour_margin=2h")]
    [InlineData("hour_margin=0s: hour_margin is 00:00:00", "--csv", "jobs.csv", "--sweep", "hour_margin=5m,0s")]
    [InlineData("must be shorter than billing_hour (00:04:00)", "--csv", "jobs.csv", "--sweep", "billing=hourly,hourly:4m")]
    [InlineData("idle_timeout is 00:00:00", "--csv", "jobs.csv", "--set", "idle_timeout=0s")]
    [InlineData("wait_budgets.deploy=0s", "--csv", "jobs.csv", "--set", "wait_budgets=0s")]
    [InlineData("wait_budgets.deploy is 'soon'", "--csv", "jobs.csv", "--set", "wait_budgets.deploy=soon")]
    [InlineData("--minutes one above 0", "--commits", "jobs.csv", "--minutes", "NaN")]
    [InlineData("--spread one from 0 to 3", "--commits", "jobs.csv", "--spread", "NaN")]
    [InlineData("--price takes a number from 0", "--csv", "jobs.csv", "--price", "-1")]
    [InlineData("--boot-spread one from 0 to 1", "--csv", "jobs.csv", "--boot-spread", "5")]
    [InlineData("--boot-spread one from 0 to 1", "--csv", "jobs.csv", "--boot-spread", "-1")]
    [InlineData("--days is 1000000", "--from-forgejo", "a/b", "--days", "1000000")]
    [InlineData("cannot be written", "--csv", "jobs.csv", "--html", "/nonexistent/x.html")]
    [InlineData("line 1", "--csv", "far.csv")]
    public async Task What_cannot_be_simulated_is_refused_with_a_remedy(string message, params string[] args)
    {
        _files.Write("jobs.csv", "1772352000,240\n");
        _files.Write("far.csv", "999999999999999,240\n");

        var (code, _, error) = await DaemonProcess.RunAsync(
            ["simulate", .. args.Select(a => a.EndsWith(".csv", StringComparison.Ordinal) ? _files.At(a) : a)]);

        code.ShouldBe((int)ExitCode.Usage, error);
        error.ShouldContain(message);
        error.ShouldNotContain("   at ");
    }
}
