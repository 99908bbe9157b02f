using System.CommandLine;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Client;

/// <summary>The commands that look at a running daemon.</summary>
/// <param name="flags">The command line's flags.</param>
internal sealed class ClientCommands(DaemonFlags flags)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);
    private readonly Option<bool> _json = new("--json", "-json") { Description = "Print JSON." };

    /// <summary>Adds them.</summary>
    /// <param name="root">The program.</param>
    public void AddTo(RootCommand root)
    {
        foreach (var command in (Command[])[Status(), Workers(), Jobs(), Events(), Logs(), Explain(), Config(), Top()])
        {
            root.Subcommands.Add(command);
        }

        new SteerCommands(_json, Run).AddTo(root);
    }

    private Command Status()
    {
        var command = new Command(
            "status",
            "Shows the health of the daemon and a summary of its pools. Exit code 0: healthy, 1: a pool or a source is not.") { _json };
        Run(command, async (_, session, token) =>
        {
            var status = new StatusInfo(
                await session.Client.GetAsync("api/v1/health", ControlJson.Default.HealthInfo, token).ConfigureAwait(false),
                await PoolsAsync(session, token).ConfigureAwait(false));
            session.Show(status, ControlJson.Default.StatusInfo, ConsoleTables.Status);
            return status.Health.Status == "degraded" ? ExitCode.Failure : ExitCode.Ok;
        });
        return command;
    }

    private Command Workers()
    {
        var pool = PoolOption();
        var state = new Option<string?>("--state") { Description = "Only workers in this state." };
        state.AcceptOnlyFromAmong([.. SnakeCase.All<WorkerPhase>()]);
        var watch = new Option<bool>("--watch", "-w") { Description = "Refresh every second." };
        var command = new Command("workers", "Shows the workers.") { pool, state, watch, _json };
        Run(command, async (parsed, session, token) =>
        {
            var path = Path("api/v1/workers", ("pool", parsed.GetValue(pool)), ("state", parsed.GetValue(state)));
            if (parsed.GetValue(watch) && session.IsLive)
            {
                await ClientSession.DrawAsync(
                    async t => ConsoleTables.Workers(
                        await AskAsync(t).ConfigureAwait(false), await TopScreen.NowAsync(session.Client, t).ConfigureAwait(false),
                        session.Width), Refresh, token).ConfigureAwait(false);
            }
            else
            {
                var (workers, now) =
                    (await AskAsync(token).ConfigureAwait(false), await TopScreen.NowAsync(session.Client, token).ConfigureAwait(false));
                session.Show(workers, ControlJson.Default.IReadOnlyListWorkerInfo, w => ConsoleTables.Workers(w, now, session.Width));
            }

            return ExitCode.Ok;

            Task<IReadOnlyList<WorkerInfo>> AskAsync(CancellationToken t) =>
                session.Client.GetAsync(path, ControlJson.Default.IReadOnlyListWorkerInfo, t);
        });
        return command;
    }

    private Command Jobs()
    {
        var pool = PoolOption();
        var limit = new Option<int?>("--limit") { Description = "How many ended jobs to show." };
        var command = new Command("jobs", "Shows waiting, running and ended jobs.") { pool, limit, _json };
        Run(command, async (parsed, session, token) =>
        {
            var path = Path("api/v1/jobs", ("pool", parsed.GetValue(pool)), ("limit", Number(parsed.GetValue(limit))));
            session.Show(
                await session.Client.GetAsync(path, ControlJson.Default.JobsInfo, token).ConfigureAwait(false),
                ControlJson.Default.JobsInfo, ConsoleTables.Jobs);
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Events()
    {
        var pool = PoolOption();
        var type = new Option<string?>("--type")
        {
            Description = $"Only events of these types, separated by commas: {string.Join(", ", SnakeCase.All<NoticeKind>())}.",
        };
        var worker = new Option<string?>("--worker") { Description = "Only events of this worker." };
        var job = new Option<long?>("--job") { Description = "Only events of this job." };
        var follow = FollowOption();
        var limit = new Option<int?>("--limit") { Description = "How many past events to show (without --follow)." };
        var command = new Command("events", "Shows what happened.") { pool, type, worker, job, follow, limit, _json };
        Run(command, async (parsed, session, token) =>
        {
            var path = Path(
                "api/v1/events", ("pool", parsed.GetValue(pool)), ("type", parsed.GetValue(type)), ("worker", parsed.GetValue(worker)),
                ("job", Number(parsed.GetValue(job))));
            if (parsed.GetValue(follow))
            {
                await foreach (var item in session.Client.StreamAsync(path, ControlJson.Default.EventInfo, token).ConfigureAwait(false))
                {
                    session.Line(item, ControlJson.Default.EventInfo, ConsoleTables.Event);
                }
            }
            else
            {
                foreach (var item in await session.Client.GetAsync(
                    Path(path, ("follow", "false"), ("limit", Number(parsed.GetValue(limit)))), ControlJson.Default.IReadOnlyListEventInfo,
                    token).ConfigureAwait(false))
                {
                    session.Line(item, ControlJson.Default.EventInfo, ConsoleTables.Event);
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private Command Logs()
    {
        var subject = new Argument<string>("worker|job") { Description = "A worker's name, or a job's number." };
        var follow = FollowOption();
        var command = new Command("logs", "Shows a runner's log. Exit code 1: no log is kept for it.") { subject, follow, _json };
        Run(command, async (parsed, session, token) =>
        {
            var wanted = parsed.GetRequiredValue(subject);
            var path = Path("api/v1/logs", (long.TryParse(wanted, out _) ? "job" : "worker", wanted));
            if (parsed.GetValue(follow))
            {
                await foreach (var item in session.Client.StreamAsync(path, ControlJson.Default.LogInfo, token).ConfigureAwait(false))
                {
                    session.Line(item, ControlJson.Default.LogInfo, l => ConsoleTables.Clean(l.Line));
                }
            }
            else
            {
                var lines = await session.Client.GetAsync(
                    Path(path, ("follow", "false")), ControlJson.Default.IReadOnlyListLogInfo, token).ConfigureAwait(false);
                if (lines.Count == 0)
                {
                    throw new CommandException(
                        ExitCode.Failure,
                        $"no log is kept for {wanted}: it has not written anything yet, it is not a job or worker of this daemon, or " +
                        $"newer logs have replaced it; run 'fj-bellows explain {wanted}' for what is known");
                }

                foreach (var item in lines)
                {
                    session.Line(item, ControlJson.Default.LogInfo, l => ConsoleTables.Clean(l.Line));
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private Command Explain()
    {
        var subject = new Argument<string>("worker|job") { Description = "A worker's name, or a job's number." };
        var command = new Command(
            "explain",
            "Explains the state of a job or worker and the decisions behind it. Exit code 1: nothing is known of it.") { subject, _json };
        Run(command, async (parsed, session, token) =>
        {
            var wanted = parsed.GetRequiredValue(subject);
            var path = $"api/v1/explain/{(long.TryParse(wanted, out _) ? "job" : "worker")}/{Uri.EscapeDataString(wanted)}";
            var explained = await session.Client.GetAsync(path, ControlJson.Default.ExplainInfo, token).ConfigureAwait(false);
            session.Show(explained, ControlJson.Default.ExplainInfo, ConsoleTables.Explain);
            return explained is { Job: null, Worker: null, Past.Count: 0 } ? ExitCode.Failure : ExitCode.Ok;
        });
        return command;
    }

    private Command Config()
    {
        var command = new Command("config", "Shows the active configuration with secrets masked.") { _json };
        Run(command, async (_, session, token) =>
        {
            session.Show(
                await session.Client.GetAsync("api/v1/config", ControlJson.Default.ConfigInfo, token).ConfigureAwait(false),
                ControlJson.Default.ConfigInfo, ConsoleTables.Config);
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Top()
    {
        var command = new Command("top", "Shows workers, queue and events on one live screen. Press q or Ctrl-C to quit.");
        Run(command, async (_, session, token) =>
        {
            if (session.IsLive)
            {
                await TopScreen.RunAsync(session, Refresh, token).ConfigureAwait(false);
            }
            else
            {
                session.Show(
                    await PoolsAsync(session, token).ConfigureAwait(false), ControlJson.Default.IReadOnlyListPoolInfo, ConsoleTables.Pools);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Task<IReadOnlyList<PoolInfo>> PoolsAsync(ClientSession session, CancellationToken token) =>
        session.Client.GetAsync("api/v1/pools", ControlJson.Default.IReadOnlyListPoolInfo, token);

    private void Run(Command command, Func<ParseResult, ClientSession, CancellationToken, Task<ExitCode>> action) =>
        command.SetAction(async (parsed, _) =>
    {
        using var session = ClientSession.Open(parsed, flags, _json, Environment.GetEnvironmentVariable);
        using var interrupt = new Interrupt();
        try
        {
            return (int)await action(parsed, session, interrupt.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            return (int)ExitCode.Ok;
        }
    });

    private static Option<string?> PoolOption() => new("--pool") { Description = "Only this pool." };

    private static Option<bool> FollowOption() => new("--follow", "-f") { Description = "Stream new entries." };

    private static string? Number(long? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Path(string path, params (string Name, string? Value)[] query)
    {
        var said = string.Join('&', query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}"));
        return said.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{said}";
    }
}
