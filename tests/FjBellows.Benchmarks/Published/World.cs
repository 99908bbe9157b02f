using System.Text.Json.Nodes;
using FjBellows.Benchmarks.Journal;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Clouds;
using FjBellows.Sandbox.Forge;
using FjBellows.Ssh.HostKeys;
using FjBellows.Workers;

namespace FjBellows.Benchmarks.Published;

/// <summary>What surrounds a published program: a Forgejo, a cloud whose instances refuse every connection, a configuration that is
/// otherwise the default, and a state directory.</summary>
internal sealed class World : IAsyncDisposable
{
    private const string Tag = "bench";
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-bench-").FullName;
    private readonly LinodeFake _cloud;

    private World(ForgeServer forge, LinodeFake cloud) => (Forge, _cloud) = (forge, cloud);

    public ForgeServer Forge { get; }

    /// <summary>The daemon's arguments.</summary>
    public string[] Arguments =>
        ["-config", Path.Combine(_directory, "config.yaml"), "-lock", Path.Combine(_directory, "lock"), "--state", State,
            "-control-listen", "127.0.0.1:0"];

    /// <summary>Instances bought by the program.</summary>
    public int Bought { get; private set; }

    private string State => Path.Combine(_directory, "state");

    public static async Task<World> StartAsync(int max = 10)
    {
        var forge = await ForgeServer.StartAsync(new ForgeServerOptions
        {
            State = new ForgeStateOptions
            {
                Accounts = [new ForgeAccount("bench", new Secret("benchmark-token"), SiteAdmin: true, ["all"])],
            },
        }).ConfigureAwait(false);
        World? world = null;
        var cloud = await LinodeFake.StartAsync(new LinodeFakeOptions
        {
            OnCreate = (_, _) =>
            {
                world!.Bought++;
                return Task.FromResult<string?>("127.0.0.1");
            },
        }).ConfigureAwait(false);
        world = new World(forge, cloud);
        world.Write("id", HostKeyPair.Generate().PrivateKey.Reveal());
        world.Write(
            "config.yaml",
            $$"""
            forgejo: {url: "{{forge.Url}}", token: benchmark-token, scope: admin, labels: [docker]}
            tag: {{Tag}}
            scale: {max: {{max}}}
            provider: linode
            provider_config: {region: us-ord, type: g6-standard-2, image: linode/debian12, token: benchmark-token, api_url: "{{cloud.ApiUrl}}"}
            ssh: {private_key_file: id, port: 9}
            """);
        return world;
    }

    /// <summary>How often the queue was asked for.</summary>
    public int Polls => Forge.Requests(ForgeRoute.Jobs);

    /// <summary>Gives the program a past: workers that exist, each with so many jobs behind it.</summary>
    public async Task RememberAsync(int workers, int jobs)
    {
        var ownership = Ownership.Of(new Uri(Forge.Url), "admin", Tag, "default");
        var names = Enumerable.Range(0, workers).Select(i => $"{Tag}-worker{i:0000}").ToArray();
        foreach (var name in names)
        {
            var status = await _cloud.ConsoleAsync("POST", "linode/instances", new JsonObject
            {
                ["label"] = name,
                ["region"] = "us-ord",
                ["type"] = "g6-standard-2",
                ["image"] = "linode/debian12",
                ["root_pass"] = "aA1-long-enough-for-anybody",
                ["tags"] = new JsonArray(ownership.Tag, ownership.Owner),
            }).ConfigureAwait(false);
            if (status != 200)
            {
                throw new InvalidOperationException($"the stand-in refused an instance with {status}");
            }
        }

        Bought = 0;
        var ids = _cloud.Account.Instances.ToDictionary(i => i.Label, i => i.Id);
        var journal = await JournalSystem.StartAsync(State).ConfigureAwait(false);
        await using (journal.ConfigureAwait(false))
        {
            var now = DateTimeOffset.UtcNow;
            await JournalSystem.WriteAsync(
                journal.Writer("pool-default"),
                [.. names.Select(name => new PoolProtocol.WorkerPlanned(now, name, "for the benchmark"))]).ConfigureAwait(false);
            foreach (var chunk in names.Chunk(20))
            {
                await Task.WhenAll(chunk.Select(name => JournalSystem.WriteAsync(
                    journal.Writer($"worker-default-{name}"), [.. Life(name, $"{ids[name]}", now, jobs)]))).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Queues so many jobs at once.</summary>
    public void Queue(int count) =>
        Forge.State.Enqueue(
            "bench/jobs", [.. Enumerable.Range(0, count).Select(i => new ForgeJobRequest($"job {i}", ["docker"], "jobs: {}"))]);

    public async ValueTask DisposeAsync()
    {
        await Forge.DisposeAsync().ConfigureAwait(false);
        await _cloud.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private static IEnumerable<object> Life(string name, string instance, DateTimeOffset now, int jobs)
    {
        yield return new WorkerProtocol.WorkerIntended(now, "default", name, HostKeyPair.Generate().PublicKey, "for the benchmark");
        yield return new WorkerProtocol.InstanceCreated(
            now, new InstanceId(instance), now, ["127.0.0.1"], "us-ord/g6-standard-2", 0.018m, Adopted: false);
        yield return new WorkerProtocol.WorkerBecameReady(now, "forgejo-runner v12.8.2");
        for (var i = 1; i <= jobs; i++)
        {
            var job = new FjBellows.Jobs.QueuedJob(
                i, 1, $"handle-{name}-{i}", 1, 1, $"job {i}", ["docker"], FjBellows.Jobs.JobStatus.Waiting, 0);
            yield return new WorkerProtocol.JobAssigned(
                now, new Assignment(new FjBellows.Dispatch.DispatchId($"{name}-{i}"), job, now, Warm: true));
            yield return new WorkerProtocol.RunnerRegistered(now, i, Guid.NewGuid().ToString());
            yield return new WorkerProtocol.JobStarted(now);
            yield return new WorkerProtocol.JobEnded(now, OutcomeKind.Completed, 0, "the runner ran a task and ended");
        }
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
