using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Workers.Life;

/// <summary>What a worker's life reacts to beside the pool's commands and its session's reports: the answers of effects, and
/// time.</summary>
internal abstract record WorkerInput : WorkerProtocol.IWorkerInput
{
    private WorkerInput()
    {
    }

    /// <summary>The journal was read to its end.</summary>
    internal sealed record Recovered : WorkerInput;

    /// <summary>The one timer fired: a deadline may have been reached.</summary>
    internal sealed record DeadlineReached : WorkerInput
    {
        public static readonly DeadlineReached Instance = new();
    }

    internal sealed record Seeded(WorkerSeed Seed) : WorkerInput;

    internal sealed record SeedFailed(Exception Error) : WorkerInput;

    internal sealed record Created(Instance Instance) : WorkerInput;

    internal sealed record CreateFailed(Exception Error) : WorkerInput;

    /// <summary>The listing has an instance of the worker's name, or none.</summary>
    internal sealed record FindAnswered(Instance? Instance) : WorkerInput;

    internal sealed record FindFailed(Exception Error) : WorkerInput;

    /// <summary>The cloud's answer to a query by id, or the error.</summary>
    internal sealed record InstanceAnswered(Instance? Instance, Exception? Error) : WorkerInput;

    /// <summary>A deletion was asked for, and whether the instance is gone.</summary>
    internal sealed record DeleteAnswered(bool Gone) : WorkerInput;

    internal sealed record DeleteFailed(Exception Error) : WorkerInput;

    internal sealed record Registered(DispatchId Dispatch, RunnerCredentials Credentials) : WorkerInput;

    internal sealed record RegisterFailed(DispatchId Dispatch, Exception Error) : WorkerInput;

    /// <summary>Forgejo's word on a dispatch. <paramref name="RequestedAt"/> is of the clock that cannot be set.</summary>
    internal sealed record RunnerAnswered(DispatchId Dispatch, TimeSpan RequestedAt, RegisteredRunner? Runner, JobSeen Job) : WorkerInput;

    /// <summary>Forgejo could not be asked, or the request budget is used up: ask again after a while.</summary>
    internal sealed record RunnerUnknown(DispatchId Dispatch, TimeSpan? RetryAfter) : WorkerInput;

    internal sealed record Forgotten : WorkerInput;

    internal sealed record NotForgotten(Exception Error) : WorkerInput;
}

/// <summary>What Forgejo's queue says of a dispatch's job.</summary>
internal enum JobSeen
{
    /// <summary>It was not asked.</summary>
    NotAsked,

    /// <summary>The job waits for a runner.</summary>
    Waiting,

    /// <summary>Some runner has it.</summary>
    Running,

    /// <summary>It is not in the queue: it is over.</summary>
    Absent,
}
