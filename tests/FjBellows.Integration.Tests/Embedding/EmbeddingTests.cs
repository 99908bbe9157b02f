using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Hosting;
using FjBellows.Hosting;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Local;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static FjBellows.Hosting.BellowsProtocol;

namespace FjBellows.Integration.Tests.Embedding;

/// <summary>A pool in somebody else's actor system.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class EmbeddingTests
{
    private static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_pool_runs_beside_a_foreign_actor_and_the_host_ends_cleanly()
    {
        await using var forge = await Forge.StartAsync();
        var errors = new Errors();
        var cloud = new LocalProviderSettings
        {
            Directory = Path.Combine(forge.Directory, "workers"),
            BootTime = TimeSpan.FromMilliseconds(200),
            BillingStep = TimeSpan.FromSeconds(1),
        };
        string[] runner = ["dotnet", Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll"), "sandbox-runner"];

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(errors);
        EmbeddedHost.AddApp(builder.Services, new Uri(forge.Server.Url), new Secret(Forge.AdminToken), cloud, runner);
        using var host = builder.Build();
        await host.StartAsync();
        var bellows = await host.Services.GetRequiredService<IRequiredActor<BellowsKey>>().GetAsync();
        var greeter = await host.Services.GetRequiredService<IRequiredActor<EmbeddedHost.Greeter>>().GetAsync();
        bellows.Path.ToStringWithoutAddress().ShouldBe("/user/fj-bellows");

        var job = forge.Enqueue("echo hello");
        (await forge.UntilAsync(job.Id, j => j.IsDone)).Status.ShouldBe(ForgeJobStatus.Success);

        (await greeter.Ask<string>("operator", Timeouts)).ShouldBe("hello, operator");
        var found = await bellows.Ask<PoolFound>(new FindPool("default"), Timeouts);
        (await bellows.Ask<PoolUnknown>(new FindPool("other"), Timeouts)).Known.ShouldBe(["default"]);
        var status = await OutcomeOfAsync(found.Pool);
        status.Recent.ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
        (await bellows.Ask<BellowsStatus>(GetStatus.Instance, Timeouts)).Pools.ShouldHaveSingleItem().Name.ShouldBe("default");

        (await bellows.Ask<AllDrained>(new DrainAll(DeleteWorkers: true), Timeouts)).WorkersLeft.ShouldBe(0);
        (await greeter.Ask<string>("operator", Timeouts)).ShouldBe("hello, operator");
        await host.StopAsync();

        Directory.EnumerateFileSystemEntries(cloud.Directory).ShouldBeEmpty();
        errors.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void The_page_shows_the_code_that_runs()
    {
        var code = File.ReadAllText(Repository.At("tests/FjBellows.Integration.Tests/Embedding/EmbeddedHost.cs"));
        var shown = Between(File.ReadAllText(Repository.At("docs/embedding.md")), "```csharp\n", "```");

        shown.ShouldBe(Unindented(Between(code, "    // <doc>\n", "    // </doc>")));
    }

    private static async Task<PoolStatus> OutcomeOfAsync(IActorRef pool)
    {
        using var limit = new CancellationTokenSource(Timeouts);
        while (true)
        {
            var status = await pool.Ask<PoolStatus>(PoolProtocol.GetStatus.Instance, Timeouts);
            if (status.Recent.Count > 0)
            {
                return status;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static string Between(string text, string begin, string end)
    {
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        from.ShouldBeGreaterThanOrEqualTo(0, begin);
        from += begin.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string Unindented(string code) =>
        string.Join('\n', code.TrimEnd().Split('\n').Select(l => l.StartsWith("    ", StringComparison.Ordinal) ? l[4..] : l)) + "\n";

    /// <summary>Keeps what is logged as an error.</summary>
    private sealed class Errors : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
