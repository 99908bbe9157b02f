using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Hosting;
using FjBellows.Dispatch;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Benchmarks.Ssh;

/// <summary>How long a pool takes to answer a message while many connections are open through its workers' tunnels: SSH.NET blocks a pool
/// thread for each of them. Every answer passes the root actor and the pool.</summary>
internal static class PoolLatencyBenchmark
{
    private const int Workers = 20;
    private const int Connections = 10;
    private const int FirstPort = 24300;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync()
    {
        using var host = await StartAsync().ConfigureAwait(false);
        var root = await host.Services.GetRequiredService<IRequiredActor<BellowsKey>>().GetAsync().ConfigureAwait(false);
        await MeasureAsync(root, TimeSpan.FromSeconds(3)).ConfigureAwait(false);
        Show("no tunnels", await MeasureAsync(root, Measured).ConfigureAwait(false));

        var sshds = Enumerable.Range(1, Workers).Select(i => new Sshd(new IPEndPoint(IPAddress.Parse($"127.42.98.{i}"), 22022))).ToList();
        var forgejos = Enumerable.Range(FirstPort, Workers).Select(Echo).ToList();
        var sessions = new List<IWorkerSession>();
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Workers; i++)
            {
                await sshds[i].ListeningAsync().ConfigureAwait(false);
                sessions.Add(await sshds[i].ConnectAsync(sshds[i].At, FirstPort + i).ConfigureAwait(false));
                for (var n = 0; n < Connections; n++)
                {
                    var client = new TcpClient { NoDelay = true };
                    clients.Add(client);
                    await client.ConnectAsync(IPAddress.Loopback, FirstPort + i).ConfigureAwait(false);
                    await RoundAsync(client).ConfigureAwait(false);
                }
            }

            Show($"{clients.Count} quiet connections", await MeasureAsync(root, Measured).ConfigureAwait(false));
            using var talking = new CancellationTokenSource();
            var talk = clients.Select(client => TalkAsync(client, talking.Token)).ToList();
            Show($"{clients.Count} connections, a message a second on each", await MeasureAsync(root, Measured).ConfigureAwait(false));
            await talking.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(talk).ConfigureAwait(false);
            Console.WriteLine($"lost sessions: {sessions.Count(session => session.Lost.IsCompleted)}");
            return 0;
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
            await Task.WhenAll(sessions.Select(session => session.DisposeAsync().AsTask())).ConfigureAwait(false);
            forgejos.ForEach(forgejo => forgejo.Dispose());
            sshds.ForEach(sshd => sshd.Dispose());
        }
    }

    private static async Task<IHost> StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var world = new QuietWorld();
        var settings = new PoolSettings
        {
            Name = "default",
            Labels = LabelSet.Parse(["debian:host"]),
            Ownership = Ownership.Of(new Uri("http://127.43.0.1/"), "admin", "bench", "default"),
        };
        builder.Services.AddAkka("bench", akka => akka.WithFjBellows(
            options => options.AddPool(
                settings, _ => new PoolPorts(world, world, world, world, new InMemoryHistory(), new RandomWorkerNames()))));
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return host;
    }

    private static async Task<List<double>> MeasureAsync(IActorRef root, TimeSpan time)
    {
        var times = new List<double>();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            var asked = Stopwatch.GetTimestamp();
            await root.Ask<BellowsProtocol.BellowsStatus>(BellowsProtocol.GetStatus.Instance).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            await Task.Delay(Pause).ConfigureAwait(false);
        }

        return times;
    }

    private static void Show(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(
            $"{what}: p50 {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms, longest {times[^1]:0.00} ms of " +
            $"{times.Count} messages");
    }

    private static TcpListener Echo(int port)
    {
        var listener = new TcpListener(IPAddress.Parse("127.43.0.1"), port);
        listener.Start();
        _ = AcceptAsync(listener);
        return listener;
    }

    private static async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync().ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The stand-in is taken down.
        }
    }

    private static async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            await client.GetStream().CopyToAsync(client.GetStream()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TalkAsync(TcpClient client, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await RoundAsync(client).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(1), ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task RoundAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync("x"u8.ToArray()).ConfigureAwait(false);
        await client.GetStream().ReadExactlyAsync(new byte[1]).ConfigureAwait(false);
    }
}
