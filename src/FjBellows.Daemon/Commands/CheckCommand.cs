using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Daemon.Commands;

/// <summary>Looks at the configuration and at everything that it relies on. Creates nothing, makes nothing.</summary>
internal static class CheckCommand
{
    /// <summary>Looks.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="offline">True to skip what needs the network.</param>
    public static async Task<CheckReport> RunAsync(
        DaemonOptions options, ProviderModules modules, bool offline, CancellationToken cancellationToken)
    {
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        List<CheckLine> lines =
            [.. loaded.Findings.Select(f => new CheckLine(f.Severity, CheckReport.ConfigSubject, f.Message, f.Fix, f.Place))];
        if (options.RunnerVersion is { } version && RunnerVersion.Problem(version) is { } problem)
        {
            lines.Add(new(Severity.Error, CheckReport.ConfigSubject, $"-runner-version: {problem.Message}", problem.Fix));
        }

        lines.AddRange(HostChecks.ConfigFile(options.ConfigFile));
        lines.AddRange(HostChecks.SecretFiles(loaded.SecretFiles));
        lines.AddRange(HostChecks.Control(options));
        if (loaded.Config is not { } config)
        {
            return new CheckReport(lines);
        }

        lines.Add(
            new(Severity.Ok, CheckReport.ConfigSubject,
                $"{options.ConfigFile}: {config.Pools.Count} {(config.Pools.Count == 1 ? "pool" : "pools")}, scope " +
                $"{config.Forgejo.Scope}"));
        var state = StateDirectory.Find(options.StateDirectory, config.State.Directory, Environment.GetEnvironmentVariable);
        lines.AddRange(HostChecks.SshKey(config.Ssh));
        lines.AddRange(HostChecks.State(state));
        lines.AddRange(ForgejoChecks.Runner(config));
        if (!offline)
        {
            lines.AddRange(await ForgejoChecks.AskAsync(config, cancellationToken).ConfigureAwait(false));
            lines.AddRange(await AskProvidersAsync(config, state, cancellationToken).ConfigureAwait(false));
        }

        return new CheckReport(lines);
    }

    private static async Task<IReadOnlyList<CheckLine>> AskProvidersAsync(
        BellowsConfig config, string state, CancellationToken cancellationToken)
    {
        var lines = new List<CheckLine>();
        foreach (var pool in config.Pools)
        {
            ProviderParts parts;
            try
            {
                parts = pool.Provider.Create(
                    new ProviderContext(config, pool.Settings, state, NullLoggerFactory.Instance, TimeProvider.System));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                lines.Add(new(Severity.Error, pool.Provider.Name, $"pool '{pool.Settings.Name}': {e.Message}"));
                continue;
            }

            using var cloud = parts.Cloud as IDisposable;
            if (parts.Cloud.Parts.Account is { } account)
            {
                var findings = await account.CheckAsync(cancellationToken).ConfigureAwait(false);
                lines.AddRange(findings.Select(f => new CheckLine(LevelOf(f.Level), pool.Provider.Name, $"{f.Subject}: {f.Message}")));
            }
        }

        return [.. lines.Distinct()];

        static Severity LevelOf(FindingLevel level) => level switch
        {
            FindingLevel.Error => Severity.Error,
            FindingLevel.Warning => Severity.Warning,
            _ => Severity.Ok,
        };
    }
}
