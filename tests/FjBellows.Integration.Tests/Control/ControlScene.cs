using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using FjBellows.Billing;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Dispatch;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Control;

/// <summary>A control plane on loopback over a pool that says what it is told to say.</summary>
internal sealed class ControlScene : IAsyncDisposable
{
    public const string Token = "0123456789abcdef-control";

    /// <summary>The token of a scene that is not told another: its own client shows it.</summary>
    public const string OwnToken = "0123456789abcdef-scene";

    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A pool that answers nothing.</summary>
    public const string Mute = "mute";

    private readonly ControlPlane _plane;
    private readonly DecisionService? _decisions;

    private ControlScene(
        ControlPlane plane, DecisionService? decisions, ActorSystem system, ScriptedPool pool, CollectedLog log, bool showsToken)
    {
        (_plane, _decisions, System, Pool, Log) = (plane, decisions, system, pool, log);
        Http = new HttpClient
        {
            BaseAddress = new Uri(
            plane.Url.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal))
        };
        if (showsToken)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OwnToken);
            TokenFile = Path.GetTempFileName();
            File.WriteAllText(TokenFile, OwnToken);
        }
    }

    /// <summary>Holds the scene's own token; null where a test chose another, or none.</summary>
    public string? TokenFile { get; }

    public ActorSystem System { get; }

    public ScriptedPool Pool { get; }

    public CollectedLog Log { get; }

    public HttpClient Http { get; }

    public ControlFeed Feed => _plane.Feed;

    public ControlMetrics Metrics => Feed.Metrics;

    public Uri Url => new(_plane.Url);

    public static async Task<ControlScene> StartAsync(
        string listen = "127.0.0.1:0", string? token = OwnToken, bool writes = true, ConfigInfo? config = null,
        IPoolHistory? history = null, bool withMute = false, string? socket = null)
    {
        var system = ActorSystem.Create("control-scene");
        var pool = new ScriptedPool();
        var root = system.ActorOf(Props.Create(() => new ScriptedRoot(pool)));
        var log = new CollectedLog();
        var past = history ?? new InMemoryHistory();
        var settings = new PoolSettings { Name = "default", Labels = LabelSet.Parse(["docker"]), Ownership = new Ownership("ci", "fjb-1") };
        var ports = new PoolPorts(null!, null!, new SilentCloud(), null!, past, new RandomWorkerNames());
        var parts = new ControlContext(
            system, root, () => withMute ? [(settings with { Name = Mute }, ports), (settings, ports)] : [(settings, ports)],
            () => config ?? new ConfigInfo("config.yaml", Noon, []),
            by => Task.FromResult(new ReloadInfo(true, $"in force, said {by}", [], [])),
            past, new ControlMetrics(), TimeProvider.System, new LoggerFactory([log]));
        var options = new ControlOptions(listen, token is null ? null : new Secret(token), writes, socket);
        var decisions = past is INoticeHistory notices ? new DecisionService(notices, system, TimeProvider.System, parts.Logs) : null;
        await (decisions?.StartAsync(CancellationToken.None) ?? Task.CompletedTask);
        return new ControlScene(
            await ControlPlane.StartAsync(options, parts, CancellationToken.None), decisions, system, pool, log, token == OwnToken);
    }

    public static WorkerView Worker(string name, WorkerPhase phase = WorkerPhase.Idle, Assignment? job = null) => new()
    {
        Name = name,
        Phase = phase,
        Usable = true,
        InstanceId = new InstanceId("i-" + name),
        Addresses = ["192.0.2.1", "2001:db8::1"],
        Placement = "nl-ams g6-standard-1",
        PlannedAt = Noon.AddMinutes(-21),
        CreatedAt = Noon.AddMinutes(-20),
        ReadyAt = Noon.AddMinutes(-19),
        IdleSince = job is null ? Noon.AddMinutes(-5) : null,
        TeardownDeadline = Noon.AddMinutes(35),
        BilledUntil = Noon.AddMinutes(40),
        HourlyPrice = 0.018m,
        Current = job,
        JobsRun = 1,
        Busy = TimeSpan.FromMinutes(10),
        Why = job is null ? "idle since build ended" : "runs build",
    };

    public static QueuedJob Job(long id, string name = "build") => new(id, 1, $"handle-{id}", 7, 3, name, ["docker"], JobStatus.Waiting, 0);

    public static Assignment Assigned(string worker, long job, int number = 1) =>
        new(new DispatchId($"{worker}-{number}"), Job(job), Noon.AddMinutes(-4), Warm: true, RunnerId: 5, RunnerUuid: "u",
            StartedAt: Noon.AddMinutes(-3));

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize(text, json)!;
    }

    public PoolNotice Notice(int number, NoticeKind kind = NoticeKind.WorkerChanged, string? worker = null, long? job = null) =>
        new("default", Noon.AddSeconds(number), kind, $"event {number}", worker, job);

    /// <summary>Reads a stream until enough has come.</summary>
    public async Task<IReadOnlyList<T>> StreamAsync<T>(
        string path, JsonTypeInfo<T> json, int count, string? lastEventId = null, Action? connected = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        connected?.Invoke();
        var items = new List<T>();
        var parser = SseParser.Create(
            await answer.Content.ReadAsStreamAsync(limit.Token), (_, data) => JsonSerializer.Deserialize(data, json)!);
        await foreach (var item in parser.EnumerateAsync(limit.Token))
        {
            items.Add(item.Data);
            if (items.Count == count)
            {
                break;
            }
        }

        return items;
    }

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string? token = null, string contentType = "application/json",
        params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (TokenFile is not null)
        {
            File.Delete(TokenFile);
        }

        await _plane.DisposeAsync();
        await (_decisions?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
        await System.Terminate();
        Log.Dispose();
    }

    private sealed class ScriptedRoot : ReceiveActor
    {
        public ScriptedRoot(ScriptedPool pool)
        {
            var actor = Context.ActorOf(Props.Create(() => new ScriptedPoolActor(pool)));
            Receive<BellowsProtocol.FindPool>(
                m => Sender.Tell(new BellowsProtocol.PoolFound(m.Name, m.Name == Mute ? Context.System.DeadLetters : actor)));
        }
    }

    private sealed class ScriptedPoolActor : ReceiveActor
    {
        public ScriptedPoolActor(ScriptedPool pool) => ReceiveAny(m =>
        {
            if (pool.Answer(m) is { } answer)
            {
                Sender.Tell(answer);
            }
        });
    }

    private sealed class SilentCloud : ICloudProvider
    {
        public string Name => "silent";

        public BillingModel Billing => BillingModel.Hourly;

        public ProviderCapabilities Capabilities => new(16_384, AcceptsGzip: false);

        public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

/// <summary>What a scene's pool answers.</summary>
internal sealed class ScriptedPool
{
    private int _asked;

    public PoolStatus? Status { get; set; } = new()
    {
        Name = "default",
        At = ControlScene.Noon,
        Provider = "silent",
        Billing = BillingModel.Hourly,
        Labels = ["docker"],
        Max = 4,
        Recovered = true,
        Sources = [.. Enum.GetValues<PoolSource>().Select(s => new SourceHealth(s, ControlScene.Noon, null, TimeSpan.FromMinutes(1)))],
    };

    public int Asked => Volatile.Read(ref _asked);

    public List<object> Told { get; } = [];

    public Func<object, object?> Reply { get; set; } = _ => new PoolProtocol.Done("done");

    public object? Answer(object message)
    {
        if (message is PoolProtocol.GetStatus)
        {
            Interlocked.Increment(ref _asked);
            return Status;
        }

        lock (Told)
        {
            Told.Add(message);
        }

        return Reply(message);
    }
}

/// <summary>What was logged.</summary>
internal sealed class CollectedLog : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(
        LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
        }
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }
}
