using System.Diagnostics;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Clouds;
using FjBellows.Sandbox.Forge;
using FjBellows.Ssh.HostKeys;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The whole life of a pool at Linode with everything real but the vendor and the Forgejo: the daemon's own process, its journal,
/// SSH, the first boot by cloud-init, and a runner process for each job.</summary>
[Needs(Part.Root, Part.CloudInit, Part.Sshd, Part.NetworkNamespaces, Part.Iptables, Part.Sudo)]
public sealed class PoolLifeTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan BillingHour = TimeSpan.FromSeconds(80);
    private static readonly TimeSpan HourMargin = TimeSpan.FromSeconds(20);

    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "W1")]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "B2")]
    [Trait("Invariant", "J10")]
    [Trait("Invariant", "O1")]
    public async Task From_a_queue_to_the_last_delete_through_a_crash_in_mid_job()
    {
        var clock = Stopwatch.StartNew();
        await using var forge = await Sandbox.Forge.StartAsync();
        await using var machines = new BootedLinodes();
        await using var fake = await LinodeFake.StartAsync(machines.Options);
        var foreign = new[] { fake.Account.Seed("somebodys-web"), fake.Account.Seed("e2e-ci-w000000", "e2e-ci", "fjb-0000000000000000") };
        Configure(forge.Server.Url, fake.ApiUrl);
        var quick = Enumerable.Range(0, 4).Select(i => forge.Enqueue($"sleep 1; echo quick-{i}")).ToArray();
        var beforeCrash = "";
        var daemon = DaemonProcess.Start(_files.Arguments);
        try
        {
            await UntilAsync(() => quick.All(j => forge.State.Job(j.Id).Status == ForgeJobStatus.Success), "the first jobs are done", 180);
            Note("the first jobs are done");

            var slow = forge.Enqueue("echo begun; sleep 6; echo ended");
            await UntilAsync(() => forge.State.Job(slow.Id).Current?.Log.Contains("begun") == true, "the slow job runs", 120);
            await daemon.SignalAsync("KILL");
            await daemon.ExitAsync();
            beforeCrash = daemon.Error;
            daemon.Dispose();
            daemon = DaemonProcess.Start(_files.Arguments);
            await UntilAsync(() => forge.State.Job(slow.Id).IsDone, "the slow job is done", 120);
            Note("the slow job is done, through the crash");
            forge.State.Job(slow.Id).Current!.Log.ShouldContain("ended");

            await UntilAsync(
                () => fake.Account.Instances.Count == foreign.Length && fake.Firewalls.Count == 0,
                "the last worker and the firewall are gone", 240);
            Note("the last worker and the firewall are gone");
            await daemon.SignalAsync("TERM");
            (await daemon.ExitAsync()).ShouldBe(0, daemon.Error);
        }
        finally
        {
            daemon.Dispose();
        }

        forge.State.Jobs().ShouldAllBe(j => j.Starts == 1 && j.Status == ForgeJobStatus.Success);
        forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
        fake.Account.Instances.Select(i => i.Id).ShouldBe(foreign.Select(i => i.Id));
        fake.Account.Bought.ShouldBeInRange(1, forge.State.Jobs().Count);
        machines.Deleted.Select(d => d.Instance.Id).Distinct().Count().ShouldBe(fake.Account.Bought);
        foreach (var (instance, at) in machines.Deleted)
        {
            // Billing is anchored at whole seconds, as Linode keeps them.
            var intoHour = TimeSpan.FromTicks((at - instance.Created).Ticks % BillingHour.Ticks);
            Note($"{instance.Label} was deleted {intoHour.TotalSeconds:0.0} s into its billed hour of {BillingHour.TotalSeconds} s");
            intoHour.ShouldBeInRange(BillingHour - HourMargin, BillingHour);
        }

        var said = beforeCrash + daemon.Error;
        said.Split(": Completed, ").Length.ShouldBe(1 + forge.State.Jobs().Count, $"every outcome is told once:\n{said}");
        said.ShouldNotContain("began for nothing");
        said.ShouldNotContain(LinodeScene.Token);

        void Note(string what) => output.WriteLine($"{clock.Elapsed.TotalSeconds,6:0.0} s  {what}");

        async Task UntilAsync(Func<bool> condition, string what, int seconds)
        {
            var since = Stopwatch.StartNew();
            while (!condition())
            {
                (since.Elapsed < TimeSpan.FromSeconds(seconds)).ShouldBeTrue(
                    $"never: " +
                    $"{what}\n{daemon.Error}\n{machines.Said()}\n{string.Join('\n', forge.State.Jobs().Select(j => $"{j.Id} {j.Status} " +
                        $"{string.Join(" / ", j.Current?.Log ?? [])}"))}");
                await Task.Delay(50);
            }
        }
    }

    private void Configure(string forgejo, Uri api)
    {
        _files.Write("id", HostKeyPair.Generate().PrivateKey.Reveal());
        _files.Write("config.yaml", $$"""
            forgejo: {url: "{{forgejo}}", token: {{Sandbox.Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: e2e-ci
            scale: {max: 2}
            provider: linode
            provider_config:
              region: us-ord
              type: g6-standard-2
              image: linode/debian12
              token: {{LinodeScene.Token}}
              api_url: "{{api}}"
              firewall: {allow_inbound: ["198.18.0.0/15"]}
            worker: {prepared_image: true}
            poll: {interval: 1s, runners_interval: 2s, instances_interval: 2s, billing_hour: 80s, hour_margin: 20s}
            ssh: {private_key_file: id}
            """);
    }
}
