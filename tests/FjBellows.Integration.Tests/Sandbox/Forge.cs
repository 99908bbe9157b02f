using System.Text.Json.Nodes;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Runner;

namespace FjBellows.Integration.Tests.Sandbox;

/// <summary>A stand-in with one administrator, and runners for it.</summary>
internal sealed class Forge : IAsyncDisposable
{
    public const string AdminToken = "admin-token";

    private Forge(ForgeServer server) => Server = server;

    public ForgeServer Server { get; }

    public ForgeState State => Server.State;

    public HttpClient Http { get; } = new();

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("sandbox-tests-").FullName;

    public static async Task<Forge> StartAsync(int port = 0, string? stateFile = null, params ForgeAccount[] more) =>
        new(await ForgeServer.StartAsync(new ForgeServerOptions
        {
            Port = port,
            StateFile = stateFile,
            State = new ForgeStateOptions { Accounts = [new ForgeAccount("root", new Secret(AdminToken), true, ["all"]), .. more] },
        }));

    public static string Payload(params string[] runs) => Workflow(["steps:", .. runs.Select(r => "- run: " + r)]);

    public static string Workflow(params string[] lines) =>
        "on: push\njobs:\n  build:\n    runs-on: debian\n" + string.Concat(lines.Select(l => "    " + l + "\n"));

    public ForgeJob Enqueue(params string[] runs) => State.Enqueue("acme/app", new ForgeJobRequest("build", ["debian"], Payload(runs)));

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token = AdminToken, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, Server.Url + path) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new("token", token);
        }

        return await Http.SendAsync(request);
    }

    public async Task<JsonNode?> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        ((int)response.StatusCode).ShouldBe(200);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync());
    }

    public string[] OneJob(ForgeCredentials runner, params string[] more)
    {
        var token = Path.Combine(Directory, runner.Uuid);
        File.WriteAllText(token, runner.Token.Reveal());
        return ["one-job", "--url", Server.Url, "--uuid", runner.Uuid, "--token-url", "file:" + token, .. more];
    }

    /// <summary>Runs one-job in this process.</summary>
    public async Task<(int Exit, string Log)> RunAsync(ForgeCredentials runner, CancellationToken stop = default, params string[] more)
    {
        using var log = new StringWriter();
        var output = TextWriter.Synchronized(log);
        if (!more.Contains("--label"))
        {
            more = [.. more, "--label", "debian:host"];
        }

        var exit = await SandboxRunner.RunAsync(OneJob(runner, more), output, output, TimeProvider.System, stop);
        return (exit, log.ToString());
    }

    public async Task<ForgeJob> UntilAsync(long job, Func<ForgeJob, bool> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < end; await Task.Delay(20))
        {
            if (State.Job(job) is var seen && condition(seen))
            {
                return seen;
            }
        }

        throw new TimeoutException($"job {job} is still {State.Job(job).Status}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
