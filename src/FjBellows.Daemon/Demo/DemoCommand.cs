using System.CommandLine;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Hosting;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Client;
using FjBellows.Daemon.Control.Events;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Hosting;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Extensions.Logging;
using Spectre.Console;

namespace FjBellows.Daemon.Demo;

/// <summary>The main job on one machine: a Forgejo stand-in, real workflow files, the production pool, and workers that are processes
/// here.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The command.</summary>
    /// <param name="flags">The flags that every command knows.</param>
    public static Command Create(DaemonFlags flags)
    {
        var jobs = new Option<int>("--jobs") { Description = "Jobs to queue.", DefaultValueFactory = _ => 12 };
        var max = new Option<int>("--max") { Description = "The most workers at once.", DefaultValueFactory = _ => 3 };
        var seed = new Option<int>("--seed") { Description = "Chooses the order of jobs.", DefaultValueFactory = _ => 1 };
        var speed = new Option<double>("--speed") { Description = "Speed-up of the billing hour.", DefaultValueFactory = _ => 1 };
        var keep = new Option<bool>("--keep") { Description = "Leave the state directory in place." };
        var state = new Option<string?>("--state") { Description = "A directory for all files; a demo that was killed continues from it." };
        var workflows = new Option<string?>("--workflows") { Description = "A directory of workflow files instead of the samples." };
        var runner = new Option<string?>("--runner") { Description = "A forgejo-runner to use instead of the built-in stand-in." };
        var command = new Command(
            "demo", "Demonstrates fj-bellows on this machine in about two minutes, with a Forgejo stand-in and a billing hour of 40 " +
                "seconds.")
        {
            jobs, max, seed, speed, keep, state, workflows, runner,
        };
        command.SetAction((parsed, _) => RunAsync(
            new DemoOptions
            {
                Control = ControlOf(flags, parsed),
                Jobs = AtLeast(1, parsed.GetValue(jobs), "--jobs"),
                Max = AtLeast(1, parsed.GetValue(max), "--max"),
                Seed = parsed.GetValue(seed),
                Speed = parsed.GetValue(speed) is var s and >= 0.1 and <= 10
                    ? s
                    : throw new CommandException(ExitCode.Usage, "--speed takes a number from 0.1 to 10"),
                Keep = parsed.GetValue(keep),
                State = parsed.GetValue(state) ?? flags.Read(parsed).StateDirectory,
                Workflows = parsed.GetValue(workflows),
                Runner = parsed.GetValue(runner) is { } path && !File.Exists(path)
                    ? throw new CommandException(ExitCode.Usage, $"--runner: there is no file {path}")
                    : parsed.GetValue(runner),
            },
            AnsiConsole.Console));
        return command;
    }

    /// <summary>Where the demo's control plane listens: on any free port of this machine, or where its options say.</summary>
    private static ControlOptions ControlOf(DaemonFlags flags, ParseResult parsed)
    {
        if (flags.GivenForDaemonOnly(parsed) is { Count: > 0 } given)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"the demo creates its own configuration, lock, log and runner and does not accept {string.Join(", ", given)}; run " +
                $"'fj-bellows help demo' for its options");
        }

        var options =
            flags.Read(parsed) with { ControlListen = flags.ControlOf(parsed).Listen ?? "127.0.0.1:0", EnableControlWrites = true };
        return ControlOptions.Of(options, null)
            ?? throw new CommandException(
                ExitCode.Usage, "the demo needs its control plane, so -control-listen cannot be off; leave it out to use any free port");
    }

    private static int AtLeast(int least, int value, string option) =>
        value >= least ? value : throw new CommandException(ExitCode.Usage, $"{option} takes a number from {least}");

    private static async Task<int> RunAsync(DemoOptions options, IAnsiConsole console)
    {
        var feed = Plan(options);
        var state = DemoState.Open(options.State);
        using var demoLock = DaemonLock.Take(state.LockFile);
        await using var forge = await ForgeServer.StartAsync(new ForgeServerOptions
        {
            Port = state.Port,
            StateFile = state.ForgeFile,
            State = new ForgeStateOptions { Accounts = [new ForgeAccount("demo", state.Token, SiteAdmin: true, ["all"])] },
        }).ConfigureAwait(false);
        state.WriteConfig(options, feed.Labels);
        var place = $"{(state.Resumed ? "going on from" : "everything is kept in")} {state.Directory}";
        console.MarkupLineInterpolated($"[grey]{place}; the Forgejo stand-in is {forge.Url}[/]");

        var control = options.Control with
        {
            Token = options.Control.Token ?? state.MakeControlToken(),
            Socket = ControlSocket.PathOf(options.Control.Socket, state.Directory),
        };
        var loaded = ConfigLoader.LoadFile(state.ConfigFile, ProviderModules.BuiltIn);
        var config = loaded.Config ?? throw new CommandException(ExitCode.Failure, string.Join('\n', loaded.Findings));
        await using var log = new LoggerConfiguration().MinimumLevel.Information().Enrich.With<CleanProperties>().WriteTo.Console(
            standardErrorFromLevel: Serilog.Events.LogEventLevel.Verbose,
            restrictedToMinimumLevel: Serilog.Events.LogEventLevel.Error,
            formatProvider: System.Globalization.CultureInfo.InvariantCulture).CreateLogger();
        using var logs = new SerilogLoggerFactory(log);
        var journal = await RunCommand.OpenJournalAsync(config, state.Directory).ConfigureAwait(false);
        var history = new SqlHistory(journal);
        var metrics = new ControlMetrics();
        var pools = RunCommand.Compose(config, state.Directory, history, logs, metrics);
        var begun = TimeProvider.System.GetUtcNow();

        using var reloader = new Reloader(
            new DaemonOptions { ConfigFile = state.ConfigFile }, ProviderModules.BuiltIn, state.Directory, logs, TimeProvider.System,
            metrics);
        reloader.Begin(config, loaded.Root!, pools);
        using var host = DaemonHost.Build(
            journal,
            pools,
            log,
            services => services.AddSingleton<IHostLifetime, QuietLifetime>(),
            services => services
                .AddHostedService(provider => ActivatorUtilities.CreateInstance<DecisionService>(provider, history))
                .AddSingleton(provider => ActivatorUtilities.CreateInstance<ControlService>(
                    provider, control, reloader, history, metrics))
                .AddHostedService(provider => provider.GetRequiredService<ControlService>()));
        using var ending = new CancellationTokenSource(Longest);
        using var interrupt = OnSignal(PosixSignal.SIGINT, ending);
        using var terminate = OnSignal(PosixSignal.SIGTERM, ending);
        await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        console.MarkupLineInterpolated($"[grey]the control plane is {host.Services.GetRequiredService<ControlService>().Url}[/]");
        if (options.Control.Token is null)
        {
            console.MarkupLineInterpolated($"[grey]to change something there, its token is in {state.ControlTokenFile}[/]");
        }

        var interrupted = await WatchAsync(
            console, feed, forge, host.Services, pools[0], control.Token, ending.Token).ConfigureAwait(false);
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);

        var since = state.Resumed ? DateTimeOffset.MinValue : begun;
        var left = await pools[0].Ports.Cloud.ListAsync(pools[0].Settings.Ownership, CancellationToken.None).ConfigureAwait(false);
        var summary = new DemoSummary(
            forge.State.Jobs(),
            await history.OutcomesAsync("default", since, int.MaxValue, CancellationToken.None).ConfigureAwait(false),
            await history.LedgersAsync("default", since, int.MaxValue, CancellationToken.None).ConfigureAwait(false),
            left.Count);
        summary.Show(console);
        var fine = !interrupted && !summary.Problems().Any();
        if (fine && !options.Keep && options.State is null)
        {
            state.Remove();
        }

        return (int)(interrupted ? ExitCode.Interrupted : fine ? ExitCode.Ok : ExitCode.Failure);
    }

    private static DemoFeed Plan(DemoOptions options)
    {
        try
        {
            return DemoFeed.Plan(options);
        }
        catch (WorkflowException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>Feeds and shows until every job is done and no worker is left.</summary>
    /// <returns>True when it was interrupted.</returns>
    private static async Task<bool> WatchAsync(
        IAnsiConsole console, DemoFeed feed, ForgeServer forge, IServiceProvider services, (PoolSettings Settings, PoolPorts Ports) pool,
        Secret? token, CancellationToken ending)
    {
        var root = await services.GetRequiredService<IRequiredActor<BellowsKey>>().GetAsync(ending).ConfigureAwait(false);
        var system = services.GetRequiredService<ActorSystem>();
        var view = new DemoView(console, TimeProvider.System);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Watcher(view)), "demo-view"), typeof(PoolNotice));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ending);
        using var control = new ControlClient(new ControlTarget(new Uri(services.GetRequiredService<ControlService>().Url + "/"), token));
        var shown = view.RunAsync(control, done.Token);
        var fed = feed.RunAsync(forge, TimeProvider.System, done.Token);
        while (!ending.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (fed.IsCompletedSuccessfully && forge.State.Jobs().All(j => j.IsDone)
                && await IsEmptyAsync(root, pool).ConfigureAwait(false))
            {
                break;
            }
        }

        var interrupted = ending.IsCancellationRequested;
        await done.CancelAsync().ConfigureAwait(false);
        await shown.ConfigureAwait(false);
        await fed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return interrupted;
    }

    private static async Task<bool> IsEmptyAsync(IActorRef root, (PoolSettings Settings, PoolPorts Ports) pool)
    {
        var status = await root.Ask<BellowsProtocol.BellowsStatus>(BellowsProtocol.GetStatus.Instance).ConfigureAwait(false);
        return status.Pools is [{ Recovered: true, Workers.Count: 0 }]
            && (await pool.Ports.Cloud.ListAsync(pool.Settings.Ownership, CancellationToken.None).ConfigureAwait(false)).Count == 0;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource ending) =>
        PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        ending.Cancel();
    });

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(DemoView view) => Receive<PoolNotice>(view.Take);
    }
}
