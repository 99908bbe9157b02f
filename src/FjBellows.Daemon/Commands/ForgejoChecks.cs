using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Dispatch;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Ssh;

namespace FjBellows.Daemon.Commands;

/// <summary>What <c>check</c> asks of Forgejo, and of the runner that workers get.</summary>
internal static class ForgejoChecks
{
    private const string Forgejo = "forgejo";
    private const string Labels = "labels";

    /// <summary>What is known of the runner's release with the labels it gets. The worker's engine is not known here.</summary>
    public static IEnumerable<CheckLine> Runner(BellowsConfig config)
    {
        if (Version.TryParse(config.Runner.Version.TrimStart('v'), out var version))
        {
            foreach (var objection in RunnerVersions.Judge(version, engine: null, config.Pools.Any(p => p.Settings.Labels.HasOptions)))
            {
                yield return new CheckLine(objection.IsFatal ? Severity.Error : Severity.Warning, "runner", objection.Message);
            }
        }

        if (config.Pools.SelectMany(p => p.Settings.Labels.Labels).FirstOrDefault(l => l.Schema == RunnerLabelSchema.Lxc) is { } lxc
            && !config.Worker.PreparedImage)
        {
            yield return new CheckLine(
                Severity.Warning, Labels, $"label '{lxc}' needs LXC on the workers, which is not installed on them",
                "use an image that brings LXC, or install it with worker.packages and worker.run");
        }
    }

    /// <summary>How workers will reach Forgejo, as far as that can be said without one.</summary>
    public static CheckLine Reach(BellowsConfig config)
    {
        var insecure = config.Forgejo.Reach == ForgejoReach.Direct && config.Forgejo.Url is { Scheme: "http", IsLoopback: false };
        var how = config.Forgejo.Reach switch
        {
            ForgejoReach.Direct => "by themselves (forgejo.reach: direct)",
            ForgejoReach.Auto when ForgejoReachRule.AsksWorker(ForgejoReach.Auto, config.Forgejo.Url) =>
                "by themselves where they get an answer from it, else through the tunnel (forgejo.reach: auto)",
            ForgejoReach.Auto => "through the tunnel, since forgejo.url is not https (forgejo.reach: auto)",
            _ => "through the tunnel (forgejo.reach: tunnel)",
        };
        return new CheckLine(
            insecure ? Severity.Warning : Severity.Ok, Forgejo, $"workers reach Forgejo {how}",
            insecure ? "runners' tokens travel unencrypted: use https, or forgejo.reach: tunnel" : "");
    }

    /// <summary>Asks Forgejo for each pool, and once for all of them what waits and is served by none.</summary>
    public static async Task<IReadOnlyList<CheckLine>> AskAsync(BellowsConfig config, CancellationToken cancellationToken)
    {
        var lines = new List<CheckLine>();
        foreach (var pool in config.Pools)
        {
            using var client = new ForgejoClient(PoolComposer.ForgejoSettingsOf(config, pool.Settings));
            var findings = await client.CheckAsync(cancellationToken).ConfigureAwait(false);
            lines.AddRange(findings.Select(f => new CheckLine(LevelOf(f.Grade), Forgejo, f.Message)));
        }

        if (config.Pools.Any(p => p.Provider.NeedsSsh))
        {
            lines.Add(Reach(config));
        }

        lines.AddRange(await QueueAsync(config, cancellationToken).ConfigureAwait(false));

        // Pools differ in their labels only; what holds for all of them is reported once.
        return [.. lines.Distinct()];
    }

    /// <summary>What jobs of a queue ask for and no pool serves, and what no one asks for.</summary>
    /// <param name="jobs">The whole queue.</param>
    /// <param name="pools">What each pool offers.</param>
    public static IEnumerable<CheckLine> OfQueue(IReadOnlyList<QueuedJob> jobs, IReadOnlyList<LabelSet> pools)
    {
        foreach (var (labels, count) in UnservedLabels.Of(jobs, pools))
        {
            yield return new CheckLine(
                Severity.Warning, Labels, $"{count} waiting {(count == 1 ? "job asks" : "jobs ask")} for {labels}, which no pool serves",
                "add the labels to a pool, unless another runner serves them");
        }

        foreach (var job in jobs.Where(j => j.Hold is not null))
        {
            yield return new CheckLine(
                Severity.Warning, Forgejo,
                $"{job} waits and is given to no runner: " +
                $"{(job.Hold == JobHold.ActionsOff ? "Actions are switched off in its repository" : "its repository belongs to another " +
                    "owner now")}",
                "cancel its run, or undo the change");
        }

        if (jobs.Count > 0 && UnservedLabels.NotAskedFor(jobs, pools) is { Count: > 0 } idle)
        {
            yield return new CheckLine(Severity.Ok, Labels, $"no job in the queue asks for {string.Join(", ", idle)} at present");
        }
    }

    private static async Task<IReadOnlyList<CheckLine>> QueueAsync(BellowsConfig config, CancellationToken cancellationToken)
    {
        using var client = new ForgejoClient(PoolComposer.ForgejoSettingsOf(config, config.Pools[0].Settings));
        try
        {
            return [.. OfQueue(
                await client.ListAllAsync(cancellationToken).ConfigureAwait(false), [.. config.Pools.Select(p => p.Settings.Labels)])];
        }
        catch (ForgejoException)
        {
            // The same failure has been reported for the pools' own queries.
            return [];
        }
    }

    private static Severity LevelOf(ForgejoGrade grade) => grade switch
    {
        ForgejoGrade.Error => Severity.Error,
        ForgejoGrade.Warning => Severity.Warning,
        _ => Severity.Ok,
    };
}
