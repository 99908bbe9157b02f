using Akka.Configuration;
using Akka.Dispatch;

namespace FjBellows.Sandbox.Virtual;

/// <summary>Runs dispatchers on the virtual scheduler's one queue instead of threads.</summary>
public sealed class VirtualExecutorConfigurator : ExecutorServiceConfigurator
{
    /// <summary>Made by the actor system.</summary>
    /// <param name="config">The dispatcher's configuration.</param>
    /// <param name="prerequisites">Holds the scheduler, which must be the virtual one.</param>
    public VirtualExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
    }

    /// <inheritdoc />
    public override ExecutorService Produce(string id) => new VirtualExecutor(id, (VirtualScheduler)Prerequisites.Scheduler);

    private sealed class VirtualExecutor(string id, VirtualScheduler scheduler) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => scheduler.Run(run);

        public override void Shutdown()
        {
            // There are no threads to end.
        }
    }
}
