using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;

namespace FjBellows.Daemon.Control.Client;

/// <summary>The commands that change something.</summary>
/// <param name="json">The flag that asks for JSON.</param>
/// <param name="run">Makes a command run.</param>
internal sealed class SteerCommands(
    Option<bool> json, Action<Command, Func<ParseResult, ClientSession, CancellationToken, Task<ExitCode>>> run)
{
    /// <summary>Adds them.</summary>
    /// <param name="root">The program.</param>
    public void AddTo(RootCommand root)
    {
        foreach (var command in (Command[])[
            OfPool("pause", "Stops provisioning and dispatch; running jobs continue. Survives a restart."),
            OfPool("resume", "Starts provisioning and dispatch again."),
            OfPool("reconcile", "Refreshes all sources and resets backoffs."),
            Provision(), Delete(), Drain(), Release(), Exec(), Reload()])
        {
            root.Subcommands.Add(command);
        }
    }

    private Command OfPool(string name, string doc)
    {
        var pool = new Argument<string?>("pool") { Arity = ArgumentArity.ZeroOrOne, Description = "The pool; all pools if omitted." };
        var command = new Command(name, doc) { pool, json };
        run(command, (parsed, session, token) => TellAsync(
            session, name, new PoolRequest(parsed.GetValue(pool)), ControlJson.Default.PoolRequest, token));
        return command;
    }

    private Command Provision()
    {
        var count = new Option<int>("--count") { Description = "How many.", DefaultValueFactory = _ => 1 };
        var pool =
            new Argument<string?>("pool") { Arity = ArgumentArity.ZeroOrOne, Description = "The pool; required if there are several." };
        var command = new Command("provision", "Provisions workers ahead of demand.") { pool, count, json };
        run(command, (parsed, session, token) =>
            TellAsync(
                session, "provision", new ProvisionRequest(parsed.GetValue(count), parsed.GetValue(pool)),
                ControlJson.Default.ProvisionRequest, token));
        return command;
    }

    private Command Delete()
    {
        var worker = WorkerArgument();
        var force = new Option<bool>("--force") { Description = "Also delete a busy worker; its job is lost." };
        var command = new Command("delete", "Deletes a worker. A busy worker is deleted only with --force.") { worker, force, json };
        run(command, (parsed, session, token) =>
            TellAsync(
                session, "delete", new DeleteRequest(parsed.GetRequiredValue(worker), parsed.GetValue(force)),
                ControlJson.Default.DeleteRequest, token));
        return command;
    }

    private Command Drain()
    {
        var worker = WorkerArgument();
        var command = new Command("drain", "Drains a worker: finishes its job, then deletes it.") { worker, json };
        run(command, (parsed, session, token) => TellAsync(
            session, "drain", new DrainRequest(parsed.GetRequiredValue(worker)), ControlJson.Default.DrainRequest, token));
        return command;
    }

    private Command Release()
    {
        var worker = WorkerArgument();
        var command = new Command(
            "release",
            "Stops counting a worker towards scale.max that cannot be deleted or whose journal cannot be read.") { worker, json };
        run(command, (parsed, session, token) => TellAsync(
            session, "release", new ReleaseRequest(parsed.GetRequiredValue(worker)), ControlJson.Default.ReleaseRequest, token));
        return command;
    }

    private Command Exec()
    {
        var worker = WorkerArgument();
        var words = new Argument<string[]>("command")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The shell command; several words are joined by spaces. Put -- before words that begin with a hyphen.",
        };
        var timeout = new Option<int>("--timeout") { Description = "Time limit in seconds, at most 60.", DefaultValueFactory = _ => 60 };
        var command = new Command(
            "exec", "Runs a shell command on a worker. Exit code 0: the command succeeded, 1: it did not.") { worker, words, timeout,
                json };
        run(command, async (parsed, session, token) =>
        {
            var body = new ExecRequest(
                parsed.GetRequiredValue(worker), string.Join(' ', parsed.GetRequiredValue(words)), parsed.GetValue(timeout));
            var result = await session.Client.PostAsync(
                "api/v1/exec", body, ControlJson.Default.ExecRequest, ControlJson.Default.ExecInfo, refusalHasForm: false,
                token).ConfigureAwait(false);
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
                    session.Raw(
                        $"fj-bellows: the command on {result.Worker} ended " +
                        $"{(result.ExitCode is { } code ? $"with exit code {code}" : "by a signal")}\n", toError: true);
                }
            }

            return result.ExitCode == 0 ? ExitCode.Ok : ExitCode.Failure;
        });
        return command;
    }

    private Command Reload()
    {
        var command = new Command(
            "reload", "Reloads the configuration: all of it or nothing. Changes that need a restart are listed.") { json };
        run(command, async (_, session, token) =>
        {
            var answer = await session.Client.PostAsync(
                "api/v1/reload", new PoolRequest(), ControlJson.Default.PoolRequest, ControlJson.Default.ReloadInfo, refusalHasForm: true,
                token).ConfigureAwait(false);
            session.Show(answer, ControlJson.Default.ReloadInfo, a => new Spectre.Console.Text(a.Message + "\n"));
            return answer.Done ? ExitCode.Ok : ExitCode.Failure;
        });
        return command;
    }

    private static Argument<string> WorkerArgument() => new("worker") { Description = "The worker's name." };

    private static async Task<ExitCode> TellAsync<TBody>(
        ClientSession session, string path, TBody body, JsonTypeInfo<TBody> bodyJson, CancellationToken token)
    {
        var answer = await session.Client.PostAsync(
            $"api/v1/{path}", body, bodyJson, ControlJson.Default.CommandInfo, refusalHasForm: true, token).ConfigureAwait(false);
        session.Show(answer, ControlJson.Default.CommandInfo, ConsoleTables.Command);
        return answer.Results.All(r => r.Done) ? ExitCode.Ok : ExitCode.Failure;
    }
}
