using System.Net;
using FjBellows.Dispatch;
using Renci.SshNet;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>From the decision to the start of the runner's process, on a warm worker, against a fresh connection, tunnel and three
/// commands for each job. Both use the same key exchange and cipher.</summary>
internal static class DispatchBenchmark
{
    private const int Runs = 15;

    public static async Task<int> RunAsync()
    {
        Console.WriteLine("RTT    warm p50   p95      baseline p50   p95      ratio   (ms, decision to process start)");
        foreach (var roundTrip in new[] { 0, 20, 50, 100 })
        {
            using var sshd = new Sshd();
            using var wire = new DelayLine(Sshd.EndPoint, TimeSpan.FromMilliseconds(roundTrip));
            await WaitForAsync(sshd).ConfigureAwait(false);
            var warm = await WarmAsync(sshd, wire.Near).ConfigureAwait(false);
            var baseline = await BaselineAsync(sshd, wire.Near).ConfigureAwait(false);
            Console.WriteLine(
                $"{roundTrip,3}  {At(warm, 0.5),9:0.0} {At(warm, 0.95),8:0.0} {At(baseline, 0.5),14:0.0} {At(baseline, 0.95),9:0.0} " +
                $"{At(baseline, 0.5) / At(warm, 0.5),8:0.0}");
        }

        return 0;
    }

    private static async Task WaitForAsync(Sshd sshd)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await (await sshd.ConnectAsync(Sshd.EndPoint, 23999).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                return;
            }
            catch (SessionException) when (i < 100)
            {
                await Task.Delay(20).ConfigureAwait(false);
            }
        }
    }

    private static async Task<List<double>> WarmAsync(Sshd sshd, IPEndPoint near)
    {
        var session = await sshd.ConnectAsync(near, 23999).ConfigureAwait(false);
        await using var disposal = session.ConfigureAwait(false);
        var times = new List<double>();
        for (var i = 0; i <= Runs; i++)
        {
            await Task.Delay(500).ConfigureAwait(false);
            var decided = DateTimeOffset.UtcNow;
            var starting = session.StartAsync(
                new JobLaunch(new DispatchId($"w-{i}"), "uuid", new Secret("token"), ["debian"], "handle"), default);
            times.Add((await sshd.StartedAsync().ConfigureAwait(false) - decided).TotalMilliseconds);
            await starting.ConfigureAwait(false);
        }

        // The first one pays for code that has never run.
        return times[1..];
    }

    private static async Task<List<double>> BaselineAsync(Sshd sshd, IPEndPoint near)
    {
        var times = new List<double>();
        for (var i = 0; i <= Runs; i++)
        {
            await Task.Delay(200).ConfigureAwait(false);
            var decided = DateTimeOffset.UtcNow;
            var started = sshd.StartedAsync();
            await Task.Factory.StartNew(() => DispatchAfresh(sshd, near), TaskCreationOptions.LongRunning).ConfigureAwait(false);
            times.Add((await started.ConfigureAwait(false) - decided).TotalMilliseconds);
        }

        return times[1..];
    }

    private static void DispatchAfresh(Sshd sshd, IPEndPoint near)
    {
        var user = Environment.UserName;
        var info = new ConnectionInfo($"{near.Address}", near.Port, user, new PrivateKeyAuthenticationMethod(user, Sshd.Client.Source));
        foreach (var other in info.KeyExchangeAlgorithms.Keys.Where(name => name != "curve25519-sha256").ToList())
        {
            info.KeyExchangeAlgorithms.Remove(other);
        }

        foreach (var other in info.Encryptions.Keys.Where(name => name != "aes256-gcm@openssh.com").ToList())
        {
            info.Encryptions.Remove(other);
        }

        using var client = new SshClient(info);
        client.HostKeyReceived += (_, key) => key.CanTrust = true;
        client.Connect();
        using var tunnel = new ForwardedPortRemote(IPAddress.Loopback, 23998, IPAddress.Parse("127.43.0.1"), 23998);
        client.AddForwardedPort(tunnel);
        tunnel.Start();
        Run($"umask 077; printf token > {sshd.Directory}/token");
        Run($"printf config > {sshd.Directory}/config.yaml");
        Run(sshd.Runner);

        void Run(string command)
        {
            using var run = client.RunCommand(command);
            if (run.ExitStatus != 0)
            {
                throw new InvalidOperationException($"{command}: {run.Error}");
            }
        }
    }

    private static double At(List<double> times, double quantile) =>
        times.Order().ElementAt((int)Math.Min(times.Count - 1, quantile * times.Count));
}
