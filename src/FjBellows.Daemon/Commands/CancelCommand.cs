using System.CommandLine;
using System.Globalization;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Forgejo;
using FjBellows.Jobs;

namespace FjBellows.Daemon.Commands;

/// <summary>Cancels the run of a job in Forgejo. Asks Forgejo directly: no daemon need run, and one that runs sees the cancel as any
/// other.</summary>
internal static class CancelCommand
{
    /// <summary>The command.</summary>
    /// <param name="flags">The flags that every command knows.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="output">Takes what was done.</param>
    public static Command Create(DaemonFlags flags, ProviderModules modules, TextWriter output)
    {
        var job = new Argument<string>("job") { Description = "The job's id, or its handle." };
        var command = new Command(
            "cancel",
            "Cancels the workflow run of a waiting or running job, with all jobs of that run. Needs Forgejo 16 and write:repository on " +
            "the token.") { job };
        command.SetAction(async (parsed, token) =>
        {
            var loaded = ConfigLoader.LoadFile(flags.Read(parsed).ConfigFile, modules);
            var config = loaded.Config
                ?? throw new CommandException(ExitCode.Usage, $"the configuration cannot be used:\n{string.Join('\n', loaded.Findings)}");
            using var client = new ForgejoClient(PoolComposer.ForgejoSettingsOf(config, config.Pools[0].Settings));
            await output.WriteLineAsync(
                await CancelAsync(
                    client, parsed.GetRequiredValue(job), config.Forgejo.Scope, token).ConfigureAwait(false)).ConfigureAwait(false);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Cancels.</summary>
    /// <param name="client">The Forgejo to ask.</param>
    /// <param name="wanted">The job's id, or its handle.</param>
    /// <param name="scope">Where it is looked for.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="CommandException">There is no such job, or Forgejo refused.</exception>
    public static async Task<string> CancelAsync(
        ForgejoClient client, string wanted, ForgejoScope scope, CancellationToken cancellationToken)
    {
        try
        {
            var jobs = await client.ListAllAsync(cancellationToken).ConfigureAwait(false);
            var job =
                jobs.FirstOrDefault(
                    j => j.Id.ToString(CultureInfo.InvariantCulture) == wanted || (j.Handle.Length > 0 && j.Handle == wanted))
                ?? throw new CommandException(
                    ExitCode.Failure, $"no job '{wanted}' waits or runs in scope '{scope}'; 'fj-bellows jobs' lists them");
            await client.CancelRunAsync(job, cancellationToken).ConfigureAwait(false);
            return $"cancelled run {job.RunId} of {job}{(job.Repo is { } repository ? $" in {repository}" : "")}";
        }
        catch (ForgejoException e)
        {
            throw new CommandException(ExitCode.Failure, e.Message);
        }
    }
}
