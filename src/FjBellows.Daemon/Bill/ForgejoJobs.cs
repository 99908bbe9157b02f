using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Sandbox.Simulation;

namespace FjBellows.Daemon.Bill;

/// <summary>Reads the jobs of past workflow runs from Forgejo, whoever ran them: for a simulation before there is a daemon.</summary>
internal static class ForgejoJobs
{
    /// <summary>Reads them. A job counts as having come when a runner took it, for Forgejo does not tell how long it had waited.</summary>
    /// <param name="options">Where the configuration is, which says which Forgejo.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="repositories">The repositories, <c>owner/name</c>.</param>
    /// <param name="since">How far back.</param>
    /// <exception cref="CommandException">The configuration or Forgejo cannot be read.</exception>
    public static async Task<IReadOnlyList<SimulatedJob>> ReadAsync(
        DaemonOptions options, ProviderModules modules, IReadOnlyList<string> repositories, DateTimeOffset since,
        CancellationToken cancellationToken)
    {
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        var config = loaded.Config
            ?? throw new CommandException(ExitCode.Usage, $"the configuration cannot be used:\n{string.Join('\n', loaded.Findings)}");
        var pool = config.Pools[0].Settings;
        string[] labels = [pool.Labels.Labels[0].Name];
        using var client = new ForgejoClient(PoolComposer.ForgejoSettingsOf(config, pool));
        var jobs = new List<SimulatedJob>();
        foreach (var repository in repositories)
        {
            if (repository.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } name])
            {
                throw new CommandException(ExitCode.Usage, $"--from-forgejo takes repositories as owner/name, and got '{repository}'");
            }

            try
            {
                var tasks = await client.ListTasksAsync(owner, name, since, cancellationToken).ConfigureAwait(false);
                jobs.AddRange(
                    tasks.Where(t => t.RanToItsEnd)
                        .Select(t => new SimulatedJob(t.StartedAt, t.EndedAt - t.StartedAt, repository, t.Name, labels)));
            }
            catch (ForgejoException e)
            {
                throw new CommandException(ExitCode.Failure, e.Message);
            }
        }

        return jobs.Count > 0
            ? jobs
            : throw new CommandException(
                ExitCode.Failure, $"no job of {string.Join(", ", repositories)} ran to its end since {since:yyyy-MM-dd}");
    }
}
