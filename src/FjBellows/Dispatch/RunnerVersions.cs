namespace FjBellows.Dispatch;

/// <summary>What is known of forgejo-runner's releases and of the Docker engines they meet. Releases that are not known are
/// allowed.</summary>
internal static class RunnerVersions
{
    /// <summary>The first release whose exit code tells "no task" from success.</summary>
    public static Version Oldest { get; } = new(12, 8, 2);

    /// <summary>The newest release of which anything is known.</summary>
    public static Version Newest { get; } = new(13, 2, 0);

    /// <summary>The oldest engine that runner 13 works with.</summary>
    public static Version OldestEngineFor13 { get; } = new(25, 0);

    /// <summary>Engines that refuse the archive in which a runner copies files into a job's container: every job fails on them.</summary>
    public static IReadOnlyList<Version> EnginesThatRefuseCopies { get; } = [new(29, 5, 0), new(29, 5, 1), new(29, 7, 0)];

    /// <summary>The release to install beside an engine.</summary>
    /// <param name="engine">The engine's version; null for one that is not known, or none.</param>
    public static Version RecommendedFor(Version? engine) =>
        engine is not null && engine < OldestEngineFor13 ? new Version(12, 13, 2) : Newest;

    /// <summary>Compares a runner with an engine and with the labels it is given.</summary>
    /// <param name="runner">The runner's release.</param>
    /// <param name="engine">The Docker engine's version; null where there is none or it is not known.</param>
    /// <param name="labelsHaveOptions">True when a label has options, such as <c>?platform=linux/amd64</c>.</param>
    /// <returns>Every objection, the worst first; empty when there is none.</returns>
    public static IReadOnlyList<RunnerObjection> Judge(Version runner, Version? engine, bool labelsHaveOptions)
    {
        ArgumentNullException.ThrowIfNull(runner);
        var objections = new List<RunnerObjection>();
        if (runner < Oldest)
        {
            objections.Add(
                new(true,
                    $"forgejo-runner {runner} is too old: before {Oldest} its exit code does not tell whether it got a job; use " +
                    $"{RecommendedFor(engine)}"));
        }

        if (runner.Major >= 13 && engine is not null && engine < OldestEngineFor13)
        {
            objections.Add(
                new(true,
                    $"forgejo-runner {runner} needs Docker {OldestEngineFor13.Major} or newer, and the worker has {engine}; use " +
                    $"{RecommendedFor(engine)}, or an image with a newer engine"));
        }

        if (engine is not null && EnginesThatRefuseCopies.Contains(Plain(engine)))
        {
            objections.Add(
                new(true,
                    $"Docker {engine} refuses the copies that forgejo-runner makes into job containers; use another release of Docker"));
        }

        if (labelsHaveOptions && runner.Major < 13)
        {
            objections.Add(
                new(true,
                    $"forgejo-runner {runner} takes the options of a label for a part of its name or image; use {RecommendedFor(null)}, " +
                    $"or leave the options out"));
        }

        if (runner > Newest)
        {
            objections.Add(
                new(false, $"forgejo-runner {runner} is newer than {Newest}, the newest release this version of fj-bellows knows of"));
        }

        return objections;
    }

    private static Version Plain(Version engine) => new(engine.Major, engine.Minor, Math.Max(0, engine.Build));
}

/// <summary>Something about a runner's release.</summary>
/// <param name="IsFatal">True when jobs fail with it.</param>
/// <param name="Message">What it is and what to do.</param>
internal sealed record RunnerObjection(bool IsFatal, string Message);
