using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>What a worker's actor does once a decision is journaled. A closed set; answers come back as
/// <see cref="WorkerInput"/>.</summary>
internal abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>Make the host key and first-boot document; answered by <see cref="WorkerInput.Seeded"/> or
    /// <see cref="WorkerInput.SeedFailed"/>.</summary>
    internal sealed record Seed : Effect;

    /// <summary>Call the cloud's create.</summary>
    /// <param name="With">What the worker is created with.</param>
    internal sealed record CreateInstance(WorkerSeed With) : Effect;

    /// <summary>Look for the instance by name.</summary>
    internal sealed record FindInstance : Effect;

    /// <summary>Ask the cloud for the instance by id; answered by <see cref="WorkerInput.InstanceAnswered"/>.</summary>
    internal sealed record GetInstance : Effect;

    /// <summary>Delete the instance and ask whether it is gone.</summary>
    internal sealed record DeleteInstance : Effect;

    /// <summary>Register the dispatch's runner in Forgejo.</summary>
    internal sealed record RegisterRunner(DispatchId Dispatch, QueuedJob Job) : Effect;

    /// <summary>Ask Forgejo for the dispatch's registration and, with <paramref name="QueuedAs"/>, what the queue says of that
    /// job.</summary>
    internal sealed record LookUpRunner(DispatchId Dispatch, long RunnerId, QueuedJob? QueuedAs) : Effect;

    /// <summary>Delete a registration.</summary>
    internal sealed record DeleteRunner(long RunnerId) : Effect;

    /// <summary>Open a session, in place of the one there may be.</summary>
    internal sealed record OpenSession(WorkerEndpoint Endpoint, DispatchId? Dispatch) : Effect;

    /// <summary>End the session.</summary>
    internal sealed record CloseSession : Effect;

    /// <summary>Tell the session.</summary>
    internal sealed record ToSession(SessionProtocol.ISessionCommand Command) : Effect;

    /// <summary>Tell the pool.</summary>
    internal sealed record Tell(IWorkerReport Report) : Effect;

    /// <summary>Tell the operator: a constant template, whose first property is the worker's name.</summary>
    internal sealed record Warn(string Template, params object[] Properties) : Effect;

    /// <summary>Delete the journal; answered by <see cref="WorkerInput.Forgotten"/> or <see cref="WorkerInput.NotForgotten"/>.</summary>
    internal sealed record Forget : Effect;

    /// <summary>Stop the actor.</summary>
    internal sealed record Stop : Effect;
}
