using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>What the planner decides on.</summary>
internal sealed record PlanInput
{
    /// <summary>The present.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The pool's labels.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The most workers at once.</summary>
    public required int Max { get; init; }

    /// <summary>The jobs known; those that the last listing lacks wait for nothing.</summary>
    public IEnumerable<KnownJob> Jobs { get; init; } = [];

    /// <summary>When the queue was requested.</summary>
    public DateTimeOffset ObservedAt { get; init; }

    /// <summary>The workers known.</summary>
    public IReadOnlyCollection<KnownWorker> Workers { get; init; } = [];

    /// <summary>How many workers to provision for jobs without one.</summary>
    public IProvisioningPolicy Policy { get; init; } = ProvisionAtOnce.Instance;

    /// <summary>Why nothing at all is started; null while things are.</summary>
    public WaitReason? Stopped { get; init; }

    /// <summary>The most jobs to dispatch now.</summary>
    public int MostDispatches { get; init; } = int.MaxValue;

    /// <summary>Why no more are dispatched; null while there is no such limit.</summary>
    public ProvisioningHold.DispatchesFail? DispatchHold { get; init; }

    /// <summary>The most workers to provision now.</summary>
    public int MostProvisions { get; init; } = int.MaxValue;

    /// <summary>Why no more are provisioned; null while there is no such limit.</summary>
    public ProvisioningHold? ProvisionHold { get; init; }
}
