using System.CommandLine;
using System.CommandLine.Help;
using FjBellows.Daemon.Bill;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control.Client;
using FjBellows.Daemon.Demo;
using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Commands;

/// <summary>The program's commands. Without one it is the daemon.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="error">Takes what went wrong.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> InvokeAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Parse(args, output);
        if (parsed.Errors.Count > 0)
        {
            foreach (var message in parsed.Errors.Select(e => e.Message).Distinct().Where(m => m.Length > 0))
            {
                await error.WriteLineAsync($"fj-bellows: {message}").ConfigureAwait(false);
            }

            await error.WriteLineAsync("run 'fj-bellows help' for commands and flags").ConfigureAwait(false);
            return (int)ExitCode.Usage;
        }

        try
        {
            // Signals are the daemon's own business (invariant R4).
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                }).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            await error.WriteLineAsync($"fj-bellows: {e.Message}").ConfigureAwait(false);
            return (int)e.Code;
        }
        catch (Exception e)
        {
            // What can go wrong outside is reported as a CommandException. A runtime's crash would say less, and with an exit code that
            // means a signal.
            await error.WriteLineAsync(
                $"fj-bellows: '{parsed.CommandResult.Command.Name}' failed unexpectedly. This is a bug; please report it with the " +
                $"command line and this text: {e.GetType()}: {e.Message}").ConfigureAwait(false);
            return (int)ExitCode.Failure;
        }
    }

    /// <summary>Reads a command line; nothing runs.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Takes what will be asked for.</param>
    internal static ParseResult Parse(string[] args, TextWriter output)
    {
        var flags = new DaemonFlags();
        return Build(flags, output)
            .Parse(flags.InWords(args), new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
    }

    private static RootCommand Build(DaemonFlags flags, TextWriter output)
    {
        var root = new RootCommand(
            "Autoscaler for Forgejo Actions runners: provisions cloud workers while jobs wait, runs each job on one of them, and " +
            "deletes them before the next billed hour. Without a command it runs the daemon.");
        flags.AddTo(root);
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption:
                    option.Aliases.Add("-help");
                    break;
                case VersionOption:
                    option.Aliases.Add("-version");
                    break;
            }
        }

        root.SetAction((parsed, _) => RunCommand.RunAsync(flags.Read(parsed), ProviderModules.BuiltIn));
        root.Subcommands.Add(Check(flags, output));
        root.Subcommands.Add(Health(flags, output));
        root.Subcommands.Add(DemoCommand.Create(flags));
        root.Subcommands.Add(SimulateCommand.Create(flags, ProviderModules.BuiltIn, output));
        root.Subcommands.Add(CostCommand.Create(flags, ProviderModules.BuiltIn, output));
        root.Subcommands.Add(CancelCommand.Create(flags, ProviderModules.BuiltIn, output));
        new ClientCommands(flags).AddTo(root);
        root.Subcommands.Add(CompletionCommand.Create(output));
        root.Subcommands.Add(ProviderCommand.Create(flags, output));
        root.Subcommands.Add(Schema(output));
        root.Subcommands.Add(Docs(output));
        root.Subcommands.Add(Help(root));
        return root;
    }

    private static Command Check(DaemonFlags flags, TextWriter output)
    {
        var offline = new Option<bool>("--offline", "-offline") { Description = "Skip checks that need the network." };
        var json = new Option<bool>("--json", "-json") { Description = "Print JSON." };
        var command = new Command(
            "check",
            "Checks the configuration and everything it depends on, without creating anything. Exit code 0: all good, 1: a dependency " +
            "fails, 2: the configuration is invalid.") { offline, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await CheckCommand.RunAsync(
                flags.Read(parsed), ProviderModules.BuiltIn, parsed.GetValue(offline), cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(parsed.GetValue(json) ? report.ToJson() : report.ToText()).ConfigureAwait(false);
            return (int)report.ExitCode;
        });
        return command;
    }

    private static Command Health(DaemonFlags flags, TextWriter output)
    {
        var command = new Command(
            "health",
            "Checks that the daemon on this host answers, for container health checks; 'status' shows whether its pools are healthy. " +
            "Exit code 0: it answers, 1: it does not.");
        command.SetAction(
            async (parsed, cancellationToken) => (int)await HealthCommand.RunAsync(
                DaemonAddress.Of(parsed, flags, Environment.GetEnvironmentVariable), output, cancellationToken).ConfigureAwait(false));
        return command;
    }

    private static Command Schema(TextWriter output)
    {
        var command = new Command("schema", "Prints the JSON schema of the configuration, for editors.");
        command.SetAction(_ => output.WriteLine(ConfigSchema.Text(ProviderModules.BuiltIn)));
        return command;
    }

    private static Command Docs(TextWriter output)
    {
        var configuration = new Command("configuration", "Prints docs/configuration.md.");
        configuration.SetAction(_ => output.Write(ConfigReference.Markdown(ProviderModules.BuiltIn)));
        return new Command(
            "docs", "Prints documentation pages that are generated from the program.")
        { Hidden = true, Subcommands = { configuration } };
    }

    private static Command Help(RootCommand root)
    {
        var name = new Argument<string?>("command") { Arity = ArgumentArity.ZeroOrOne, Description = "The command to explain." };
        var command = new Command("help", "Shows commands and flags.") { name };
        command.SetAction(parsed =>
        {
            string[] args = parsed.GetValue(name) is { } wanted && root.Subcommands.Any(c => c.Name == wanted)
                ? [wanted, "--help"]
                : ["--help"];
            return root.Parse(args).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }
}
