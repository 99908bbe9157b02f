using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using FjBellows.Time;

namespace FjBellows.Hosting;

/// <summary>The key of the root actor: inject <c>IRequiredActor&lt;BellowsKey&gt;</c>, and send it the messages of
/// <see cref="BellowsProtocol"/>.</summary>
public sealed class BellowsKey;

/// <summary>The one door for an embedder.</summary>
public static class AkkaHostingExtensions
{
    /// <summary>The dispatcher the pools' actors run on: threads of their own, so that blocked pool threads elsewhere in the process (SSH
    /// tunnels block one each) never hold up a decision.</summary>
    public const string DispatcherId = "fj-bellows.dispatcher";

    private const string DispatcherConfig = """
        fj-bellows.dispatcher {
          type = ForkJoinDispatcher
          throughput = 30
          dedicated-thread-pool { thread-count = 4 }
        }
        """;

    /// <summary>The root actor without a host, for actor systems that are made by hand; start it under the name
    /// <c>fj-bellows</c>.</summary>
    /// <param name="pools">The pools, with their clock and dispatcher.</param>
    internal static Props RootProps(IReadOnlyList<PoolRuntime> pools)
    {
        ArgumentNullException.ThrowIfNull(pools);
        return BellowsActor.Props(pools, pools.Count == 0 ? "" : pools[0].Dispatcher);
    }

    /// <summary>
    /// Starts fj-bellows in somebody's actor system, under <c>/user/fj-bellows</c>. The system needs a journal and a snapshot store:
    /// the in-memory ones forget on restart, those of FjBellows.Journal do not.
    /// </summary>
    /// <param name="builder">The system's builder.</param>
    /// <param name="configure">Says which pools there are.</param>
    /// <exception cref="InvalidOperationException">No pool was added.</exception>
    public static AkkaConfigurationBuilder WithFjBellows(this AkkaConfigurationBuilder builder, Action<BellowsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new BellowsOptions();
        configure(options);
        if (options.Pools.Count == 0)
        {
            throw new InvalidOperationException("fj-bellows was added without a pool; call AddPool at least once");
        }

        return builder
            .AddHocon(ConfigurationFactory.ParseString(DispatcherConfig), HoconAddMode.Append)
            .WithActors((system, registry, resolver) =>
            {
                var services = resolver.GetService<IServiceProvider>();
                var clock = PoolClock.Of(system.Scheduler);
                PoolRuntime[] runtimes =
                    [.. options.Pools.Select(p => new PoolRuntime(p.Settings, p.Ports(services), clock, DispatcherId))];
                registry.Register<BellowsKey>(system.ActorOf(BellowsActor.Props(runtimes, DispatcherId), "fj-bellows"));
            });
    }
}
