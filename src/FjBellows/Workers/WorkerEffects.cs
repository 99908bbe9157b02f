using FjBellows.Providers;
using FjBellows.Time;
using FjBellows.Workers.Life;
using static FjBellows.Workers.Life.WorkerInput;

namespace FjBellows.Workers;

/// <summary>Calls the cloud and Forgejo for one worker; every answer comes back to its actor as an input.</summary>
/// <param name="pool">What the pool's actors share.</param>
/// <param name="name">The worker's name.</param>
/// <param name="calls">How its actor calls.</param>
internal sealed class WorkerEffects(PoolRuntime pool, string name, OutsideCalls calls)
{
    /// <summary>Runs an effect that calls the outside world; the actor runs all others.</summary>
    /// <param name="state">The worker's journaled part.</param>
    public void Run(Effect effect, WorkerState state)
    {
        var limit = pool.Settings.Poll.RequestTimeout;
        var cloud = pool.Ports.Cloud;
        var runners = pool.Ports.Runners;
        var ownership = pool.Settings.Ownership;
        switch (effect)
        {
            case Effect.Seed:
                calls.Send(
                    pool.Settings.Timeouts.Create, token => pool.Ports.Connector.SeedAsync(name, token), seed => new Seeded(seed),
                    e => new SeedFailed(e));
                break;
            case Effect.CreateInstance e:
                var spec = new InstanceSpec(name, ownership, e.With.UserData, e.With.AuthorizedKeys)
                {
                    Marks = HostKeyMarks.Of(e.With.HostKey),
                };
                calls.Send(
                    pool.Settings.Timeouts.Create, token => cloud.CreateAsync(spec, token), i => new Created(i),
                    error => new CreateFailed(error));
                break;
            case Effect.FindInstance:
                calls.Send(
                    limit,
                    token => cloud.ListAsync(ownership, token),
                    all => new FindAnswered(all.FirstOrDefault(i => i.Name == name && ownership.Owns(i))),
                    error => new FindFailed(error));
                break;
            case Effect.GetInstance when state.InstanceId is { } id:
                calls.Send(
                    limit, token => cloud.GetAsync(id, token), i => new InstanceAnswered(i, null),
                    error => new InstanceAnswered(null, error));
                break;
            case Effect.DeleteInstance when state.InstanceId is { } id:
                calls.Send(
                    limit, token => DeleteAsync(cloud, id, token), gone => new DeleteAnswered(gone), error => new DeleteFailed(error));
                break;
            case Effect.RegisterRunner e:
                calls.Send(
                    limit,
                    token => runners.RegisterAsync(e.Dispatch.Value, $"fj-bellows pool {pool.Settings.Name}: {e.Job}", token),
                    credentials => new Registered(e.Dispatch, credentials),
                    error => new RegisterFailed(e.Dispatch, error));
                break;
            case Effect.DeleteRunner e:
                // One that is left is found by the pool's next listings (invariant O4).
                calls.Send(limit, token => runners.DeleteAsync(e.RunnerId, token), () => null, _ => null);
                break;
            case Effect.LookUpRunner e:
                LookUp(e, limit);
                break;
            case Effect.GetInstance or Effect.DeleteInstance:
                break; // Without an id there is nothing to ask for.
            default:
                throw new ArgumentException($"nothing carries out the effect {effect.GetType().Name}", nameof(effect));
        }
    }

    private void LookUp(Effect.LookUpRunner e, TimeSpan limit)
    {
        var asked = pool.Clock.Elapsed;
        calls.Send(
            limit,
            async token =>
            {
                if (!pool.RunnerQueries.TryTake())
                {
                    return (WorkerProtocol.IWorkerInput)new RunnerUnknown(e.Dispatch, null);
                }

                // In this order: a job that is handed out between the two questions shows as running.
                var runner = await pool.Ports.Runners.GetAsync(e.RunnerId, token).ConfigureAwait(false);
                return new RunnerAnswered(
                    e.Dispatch, asked, runner, runner is null || runner.Status == Jobs.RunnerStatus.Active || e.QueuedAs is not { } job
                    ? JobSeen.NotAsked
                    : await SeenAsync(job, token).ConfigureAwait(false));
            },
            answer => answer,
            error => new RunnerUnknown(e.Dispatch, (error as Jobs.ForgejoException)?.RetryAfter));
    }

    private async Task<JobSeen> SeenAsync(Jobs.QueuedJob job, CancellationToken token)
    {
        var listed = await pool.Ports.Queue.ListAsync(token).ConfigureAwait(false);
        return listed.FirstOrDefault(j => j.Key == job.Key) switch
        {
            null => JobSeen.Absent,
            { Status: Jobs.JobStatus.Waiting } => JobSeen.Waiting,
            _ => JobSeen.Running,
        };
    }

    /// <summary>Deletes and asks whether it is gone: a 404 is success (invariant W7).</summary>
    private async Task<bool> DeleteAsync(ICloudProvider cloud, InstanceId id, CancellationToken token)
    {
        try
        {
            await cloud.DeleteAsync(id, name, token).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            // Gone already; the query below proves it.
        }

        return await cloud.GetAsync(id, token).ConfigureAwait(false) is null;
    }
}
