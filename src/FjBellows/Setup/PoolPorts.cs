using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Setup;

/// <summary>The outside world of one pool.</summary>
/// <param name="Queue">Forgejo's queue, for the pool's scope and labels.</param>
/// <param name="Runners">Forgejo's registrations, for the pool's scope.</param>
/// <param name="Cloud">Where workers are created.</param>
/// <param name="Connector">How workers are reached.</param>
/// <param name="History">Where the past is kept.</param>
/// <param name="Names">Where new workers' names come from.</param>
public sealed record PoolPorts(
    IJobQueue Queue,
    IRunnerRegistry Runners,
    ICloudProvider Cloud,
    IWorkerConnector Connector,
    IPoolHistory History,
    IWorkerNames Names);

/// <summary>Where new workers' names come from.</summary>
public interface IWorkerNames
{
    /// <summary>A name never given before: the tag, a hyphen, and letters and digits without one, so that the names of deployment
    /// <c>ci</c> can be distinguished from those of <c>ci-arm</c> (invariant O3).</summary>
    /// <param name="tag">The deployment's tag.</param>
    string Next(string tag);
}
