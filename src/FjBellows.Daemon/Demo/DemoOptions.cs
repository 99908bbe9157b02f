using FjBellows.Daemon.Control;

namespace FjBellows.Daemon.Demo;

/// <summary>The demo's options.</summary>
internal sealed record DemoOptions
{
    /// <summary>How many jobs to queue, at least 1.</summary>
    public int Jobs { get; init; } = 12;

    /// <summary>The most workers at once.</summary>
    public int Max { get; init; } = 3;

    /// <summary>Chooses the order of workflows and the pauses between their runs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How much faster than usual time is billed and workers boot; jobs take the time they take.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>True to leave the state directory in place at the end.</summary>
    public bool Keep { get; init; }

    /// <summary>Where to keep everything; null for a directory of its own, removed at the end.</summary>
    public string? State { get; init; }

    /// <summary>A directory of workflow files; null for the sample set.</summary>
    public string? Workflows { get; init; }

    /// <summary>A real forgejo-runner, 12.8.2 or newer; null for the small one inside fj-bellows.</summary>
    public string? Runner { get; init; }

    /// <summary>How its control plane is served.</summary>
    public required ControlOptions Control { get; init; }

    /// <summary>The shortened billing hour.</summary>
    public TimeSpan Hour => TimeSpan.FromSeconds(40 / Speed);

    /// <summary>How long before the hour's end an idle worker goes.</summary>
    public TimeSpan Margin => TimeSpan.FromSeconds(6 / Speed);

    /// <summary>How long a worker boots.</summary>
    public TimeSpan Boot => TimeSpan.FromSeconds(2 / Speed);
}
