using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;

namespace FjBellows.Daemon.Control.Client;

/// <summary>The commands that change something.</summary>
/// <param name="json">The flag that asks for JSON.</param>
/// <param name="run">Makes a command run.</param>
internal sealed class SteerCommands(Option<bool> json, Action<Command, Func<ParseResult, ClientSession, CancellationToken, Task<ExitCode>>> run)
{
    /// <summary>Adds them.</summary>
    /// <param name="root">The program.</param>
    public void AddTo(RootCommand root)
    {
        foreach (var command in (Command[])[
            OfPool("pause", "Stops buying and dispatching; running jobs go on. Survives a restart."),
            OfPool("resume", "Buys and dispatches again."),
            OfPool("reconcile", "Asks every source anew and forgets backoffs."),
            Provision(), Reap(), Drain(), Exec(), Reload()])
        {
            root.Subcommands.Add(command);
        }
    }

    private Command OfPool(string name, string doc)
    {
        var pool = new Argument<string?>("pool") { Arity = ArgumentArity.ZeroOrOne, Description = "The pool; without it all." };
        var command = new Command(name, doc) { pool, json };
        run(command, (parsed, session, token) => TellAsync(session, name, new PoolRequest(parsed.GetValue(pool)), ControlJson.Default.PoolRequest, token));
        return command;
    }

    private Command Provision()
    {
        var count = new Option<int>("--count") { Description = "How many.", DefaultValueFactory = _ => 1 };
        var pool = new Argument<string?>("pool") { Arity = ArgumentArity.ZeroOrOne, Description = "The pool; needed where there are several." };
        var command = new Command("provision", "Buys workers for which no job waits.") { pool, count, json };
        run(command, (parsed, session, token) =>
            TellAsync(session, "provision", new ProvisionRequest(parsed.GetValue(count), parsed.GetValue(pool)), ControlJson.Default.ProvisionRequest, token));
        return command;
    }

    private Command Reap()
    {
        var worker = WorkerArgument();
        var force = new Option<bool>("--force") { Description = "Lose the job that it runs." };
        var command = new Command("reap", "Deletes a worker. One that runs a job is deleted with --force only.") { worker, force, json };
        run(command, (parsed, session, token) =>
            TellAsync(session, "reap", new ReapRequest(parsed.GetRequiredValue(worker), parsed.GetValue(force)), ControlJson.Default.ReapRequest, token));
        return command;
    }

    private Command Drain()
    {
        var worker = WorkerArgument();
        var command = new Command("drain", "Lets a worker end after its job.") { worker, json };
        run(command, (parsed, session, token) => TellAsync(session, "drain", new DrainRequest(parsed.GetRequiredValue(worker)), ControlJson.Default.DrainRequest, token));
        return command;
    }

    private Command Exec()
    {
        var worker = WorkerArgument();
        var words = new Argument<string[]>("command") { Arity = ArgumentArity.OneOrMore, Description = "Shell text; several words are joined by spaces. Put -- before words that begin with a hyphen." };
        var timeout = new Option<int>("--timeout") { Description = "The longest it may take, in seconds, at most 60.", DefaultValueFactory = _ => 60 };
        var command = new Command("exec", "Runs a shell command on a worker. Exit code 0: it ended with 0, 1: it did not.") { worker, words, timeout, json };
        run(command, async (parsed, session, token) =>
        {
            var body = new ExecRequest(parsed.GetRequiredValue(worker), string.Join(' ', parsed.GetRequiredValue(words)), parsed.GetValue(timeout));
            var result = await session.Client.PostAsync("api/v1/exec", body, ControlJson.Default.ExecRequest, ControlJson.Default.ExecInfo, refusalHasForm: false, token).ConfigureAwait(false);
            if (session.IsJson)
            {
                session.Line(result, ControlJson.Default.ExecInfo, _ => "");
            }
            else
            {
                session.Raw(result.Output);
                session.Raw(result.Error, toError: true);
                if (result.ExitCode != 0)
                {
                    session.Raw($"fj-bellows: the command on {result.Worker} ended {(result.ExitCode is { } code ? $"with exit code {code}" : "by a signal")}\n", toError: true);
                }
            }

            return result.ExitCode == 0 ? ExitCode.Ok : ExitCode.Failure;
        });
        return command;
    }

    private Command Reload()
    {
        var command = new Command("reload", "Reads the configuration again. All of it comes into force, or nothing: what needs a restart is named.") { json };
        run(command, async (_, session, token) =>
        {
            var answer = await session.Client.PostAsync("api/v1/reload", new PoolRequest(), ControlJson.Default.PoolRequest, ControlJson.Default.ReloadInfo, refusalHasForm: true, token).ConfigureAwait(false);
            session.Show(answer, ControlJson.Default.ReloadInfo, a => new Spectre.Console.Text(a.Message + "\n"));
            return answer.Done ? ExitCode.Ok : ExitCode.Failure;
        });
        return command;
    }

    private static Argument<string> WorkerArgument() => new("worker") { Description = "The worker's name." };

    private static async Task<ExitCode> TellAsync<TBody>(ClientSession session, string path, TBody body, JsonTypeInfo<TBody> bodyJson, CancellationToken token)
    {
        var answer = await session.Client.PostAsync($"api/v1/{path}", body, bodyJson, ControlJson.Default.CommandInfo, refusalHasForm: true, token).ConfigureAwait(false);
        session.Show(answer, ControlJson.Default.CommandInfo, ConsoleTables.Command);
        return answer.Results.All(r => r.Done) ? ExitCode.Ok : ExitCode.Failure;
    }
}
