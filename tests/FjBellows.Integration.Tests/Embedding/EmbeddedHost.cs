using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using FjBellows.Dispatch;
using FjBellows.Forgejo;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Local;
using Microsoft.Extensions.DependencyInjection;

namespace FjBellows.Integration.Tests.Embedding;

/// <summary>The code of docs/embedding.md, word for word between the marks.</summary>
internal static class EmbeddedHost
{
    // <doc>
    public static void AddApp(
        IServiceCollection services, Uri forgejoUrl, Secret token, LocalProviderSettings cloud, IReadOnlyList<string> runner)
    {
        var pool = new PoolSettings
        {
            Name = "default",
            Labels = LabelSet.Parse(["debian:host"]),
            Ownership = Ownership.Of(forgejoUrl, "admin", "app-ci", "default"),
            Max = 2,
        };
        services.AddSingleton(_ => new ForgejoClient(new ForgejoSettings
        {
            Url = forgejoUrl,
            Token = token,
            Scope = ForgejoScope.Parse("admin"),
            Labels = pool.Labels,
        }));
        services.AddSingleton<ICloudProvider>(_ => new LocalProvider(cloud));
        services.AddSingleton<IWorkerConnector>(_ => new LocalConnector(cloud, runner, forgejoUrl.ToString()));
        services.AddAkka("app", akka => akka
            .ConfigureLoggers(loggers => loggers.AddLoggerFactory())
            .WithInMemoryJournal()
            .WithInMemorySnapshotStore()
            .WithActors((system, registry) => registry.Register<Greeter>(system.ActorOf<Greeter>("greeter")))
            .WithFjBellows(options => options.AddPool(pool, host => new PoolPorts(
                host.GetRequiredService<ForgejoClient>(),
                host.GetRequiredService<ForgejoClient>(),
                host.GetRequiredService<ICloudProvider>(),
                host.GetRequiredService<IWorkerConnector>(),
                new InMemoryHistory(),
                new RandomWorkerNames()))));
    }

    // </doc>

    /// <summary>An actor of the application's own.</summary>
    public sealed class Greeter : ReceiveActor
    {
        public Greeter() => Receive<string>(name => Sender.Tell($"hello, {name}"));
    }
}
