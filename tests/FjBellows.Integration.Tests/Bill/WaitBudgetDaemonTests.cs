using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Forge;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Bill;

/// <summary>A daemon with a wait budget on a stand-in's queue: what it buys for a burst, what it says about it, and what its ledger says
/// afterwards.</summary>
public sealed class WaitBudgetDaemonTests : IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(40);

    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_burst_provisions_the_predicted_number_of_workers_and_says_why()
    {
        await using var forge = await Forge.StartAsync();
        _files.Write("config.yaml", $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: bill-ci
            scale: {max: 12, wait_budget: {{Budget.TotalSeconds}}s, expected_duration: 8s}
            provider: local
            provider_config: {billing: hour, boot_time: 3s}
            poll: {interval: 1s, billing_hour: 10m, hour_margin: 10s}
            """);
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-drain", "-destroy-on-exit"]);
        await daemon.SaysAsync("ready");

        // The first job teaches how long a boot and a job take.
        await EndAsync(forge, [forge.Enqueue("sleep 8")]);
        ForgeJob[] burst = [.. Enumerable.Range(0, 12).Select(_ => forge.Enqueue("sleep 8"))];
        await EndAsync(forge, burst);

        var reasons = Regex.Matches(daemon.Error, @"provisioning (?<worker>bill-ci-\w+): (?<why>.*)").Select(m => m.Groups["why"].Value)
            .ToArray();
        var told = Regex.Match(
            reasons[1],
            @"(?<jobs>\d+) unassigned jobs?, (?<coming>\d+) workers? provisioning, .*; (?<saved>\d+) fewer than unassigned jobs, " +
            @"every job is predicted to start within its wait budget");
        told.Success.ShouldBeTrue(reasons[1]);
        var predicted = Number("jobs") - Number("coming") - Number("saved");
        int Number(string group) => int.Parse(told.Groups[group].Value, CultureInfo.InvariantCulture);
        predicted.ShouldBeInRange(1, 4);
        // On a busy machine jobs may end later than the first one taught, and then one more is bought.
        (reasons.Length - 1).ShouldBeInRange(predicted, predicted + 1, string.Join('\n', reasons));
        foreach (var job in burst.Select(j => forge.State.Job(j.Id)))
        {
            job.Status.ShouldBe(ForgeJobStatus.Success);
            job.Current!.Wait.ShouldBeLessThan(Budget + TimeSpan.FromSeconds(15));
        }

        await daemon.SignalAsync("TERM");
        (await daemon.ExitAsync()).ShouldBe((int)ExitCode.Ok, daemon.Error);

        // A worker's last word that was not yet safe when the daemon left is kept by the next one.
        using var next = DaemonProcess.Start(_files.Arguments);
        await next.SaysAsync("ready");
        await TheLedgerAgreesAsync(reasons.Length);
    }

    [Fact]
    public async Task Without_a_history_the_cost_is_not_invented()
    {
        var (code, _, error) = await DaemonProcess.RunAsync("cost", "-config", _files.Config, "--state", _files.At("nowhere"));

        code.ShouldBe((int)ExitCode.State);
        error.ShouldContain("no history found in");

        var half = Directory.CreateDirectory(_files.At("half")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(half, "journal.db"), []);
        (code, _, error) = await DaemonProcess.RunAsync("cost", "-config", _files.Config, "--state", half);
        code.ShouldBe((int)ExitCode.State);
        error.ShouldContain("is not complete");
    }

    private async Task TheLedgerAgreesAsync(int workers)
    {
        JsonElement pool, total;
        var since = Stopwatch.StartNew();
        do
        {
            var (code, output, error) = await DaemonProcess.RunAsync(
                "cost", "-config", _files.Config, "--state", _files.State, "--json", "--what-if", "wait_budget=0s");
            code.ShouldBe((int)ExitCode.Ok, error);
            using var json = JsonDocument.Parse(output);
            pool = json.RootElement[0].Clone();
            total = pool.GetProperty("total");
        }
        while (total.GetProperty("workers").GetInt32() < workers && since.Elapsed < TimeSpan.FromSeconds(30));

        total.GetProperty("jobs").GetInt32().ShouldBe(13);
        total.GetProperty("workers").GetInt32().ShouldBe(workers);
        total.GetProperty("billed_hours").GetDouble().ShouldBe(workers / 6.0, 0.001, "each is billed one step of ten minutes");
        total.GetProperty("bound_hours").GetDouble().ShouldBe(2.0, 0.001, "twelve jobs at once are twelve leases with immediate start");
        pool.GetProperty("jobs").GetArrayLength().ShouldBe(1);
        pool.GetProperty("workers").GetArrayLength().ShouldBe(workers);
        var whatIf = pool.GetProperty("what_if");
        whatIf[0].GetProperty("workers").GetInt32().ShouldBeLessThan(whatIf[1].GetProperty("workers").GetInt32());
        whatIf[1].GetProperty("workers").GetInt32().ShouldBe(12, "without a budget each job of the burst has a worker");

        var (_, text, _) = await DaemonProcess.RunAsync(
            "cost", "-config", _files.Config, "--state", _files.State, "--what-if", "wait_budget=0s");
        text.ShouldContain("With wait_budget=0s these jobs would have cost 2.0 h instead of");
    }

    private static async Task EndAsync(Forge forge, IReadOnlyList<ForgeJob> jobs)
    {
        var since = Stopwatch.StartNew();
        while (!jobs.All(j => forge.State.Job(j.Id).IsDone))
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3), "the jobs did not end");
            await Task.Delay(100);
        }
    }
}
