using System.CommandLine;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Providers.Exec;

namespace FjBellows.Daemon.Providers;

/// <summary><c>fj-bellows provider test exec</c>: the contract of providers, for programs.</summary>
internal static class ProviderCommand
{
    /// <summary>The command and what is below it.</summary>
    /// <param name="flags">The flags of the program.</param>
    /// <param name="output">Takes the facts.</param>
    public static Command Create(DaemonFlags flags, TextWriter output)
    {
        var exec = new Command(
            "exec", "Tests the program of each pool whose provider is exec: creates instances, lists, repeats and kills calls, and " +
                "deletes what it created. Exit code 0: it keeps the protocol, 1: it does not.");
        exec.SetAction(async (parsed, cancellationToken) =>
            (int)await RunAsync(flags.Read(parsed).ConfigFile, output, cancellationToken).ConfigureAwait(false));
        return new Command("provider", "Tools for providers.") { new Command("test", "Tests a provider against a real cloud.") { exec } };
    }

    private static async Task<ExitCode> RunAsync(string file, TextWriter output, CancellationToken cancellationToken)
    {
        var loaded = ConfigLoader.LoadFile(file, ProviderModules.BuiltIn);
        if (loaded.Config is not { } config)
        {
            foreach (var finding in loaded.Findings)
            {
                await output.WriteLineAsync($"{finding.Place} {finding.Message}; {finding.Fix}").ConfigureAwait(false);
            }

            return ExitCode.Usage;
        }

        var programs = config.Pools.Select(p => p.Provider).OfType<IExecConfig>().Select(c => c.Settings)
            .DistinctBy(s => string.Join('\n', s.Command)).ToList();
        if (programs.Count == 0)
        {
            await output.WriteLineAsync($"{file} has no pool with 'provider: exec'").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        var failures = 0;
        foreach (var program in programs)
        {
            await output.WriteLineAsync($"{string.Join(' ', program.Command)}").ConfigureAwait(false);
            await foreach (var fact in ExecContract.RunAsync(program, TimeProvider.System, cancellationToken).ConfigureAwait(false))
            {
                failures += fact.Failure is null ? 0 : 1;
                await output.WriteLineAsync(
                    $"  {(fact.Failure is null ? "ok    " : "FAILED")} " +
                    $"{fact.Name}{(fact.Failure is null ? "" : $": {fact.Failure}")}").ConfigureAwait(false);
            }
        }

        await output.WriteLineAsync(
            failures == 0 ? "The program keeps the protocol." : failures == 1
                ? "1 fact failed."
                : $"{failures} facts failed.").ConfigureAwait(false);
        return failures == 0 ? ExitCode.Ok : ExitCode.Failure;
    }
}
