using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Sandbox.Forge;

/// <summary>How a stand-in is served.</summary>
public sealed record ForgeServerOptions
{
    /// <summary>The loopback port; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>What the state starts with.</summary>
    public ForgeStateOptions State { get; init; } = new();

    /// <summary>A file that outlives the process: a stand-in started again on it knows the same jobs, runners and tasks. Null for
    /// none.</summary>
    public string? StateFile { get; init; }

    /// <summary>The clock; the system's when null.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>What <c>/api/v1/version</c> says; a version of the state's release when null.</summary>
    public string? Version { get; init; }

    /// <summary>ROOT_URL, with no slash at the end: where answers and web pages say that Forgejo is. The address that was asked when
    /// null.</summary>
    public string? RootUrl { get; init; }

    /// <summary>How often jobs whose runner fell silent are failed.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A Forgejo stand-in on loopback: the REST endpoints an autoscaler uses and the service its runners speak to.</summary>
public sealed class ForgeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ForgeRest _rest;
    private readonly ForgeRelease _release;
    private readonly ForgeStateFile? _file;
    private readonly ITimer _sweep;
    private readonly CancellationTokenSource _stopping = new();
    private readonly int[] _requests = new int[Enum.GetValues<ForgeRoute>().Length];

    private ForgeServer(WebApplication app, ForgeState state, ForgeServerOptions options)
    {
        (_app, State) = (app, state);
        var release = _release = options.State.Release;
        var version = options.Version ?? (release == ForgeRelease.Forgejo15 ? "15.0.3+gitea-1.22.0" : "16.0.0+gitea-1.22.0");
        _rest = new ForgeRest(state, release, version, options.RootUrl);
        _sweep = (options.Time ?? TimeProvider.System).CreateTimer(_ => state.Sweep(), null, options.SweepInterval, options.SweepInterval);
        _file = options.StateFile is { } path ? new ForgeStateFile(state, path) : null;
        if (_file is not null)
        {
            state.Happened += SaveSoon;
        }
    }

    /// <summary>Its address, such as <c>http://127.0.0.1:3000</c>; no slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Its rules and what it knows.</summary>
    public ForgeState State { get; }

    /// <summary>How it misbehaves.</summary>
    public ForgeFaults Faults { get; } = new();

    /// <summary>Starts one.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="InvalidDataException">The state file is of another version or broken.</exception>
    public static async Task<ForgeServer> StartAsync(ForgeServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ForgeServerOptions();
        var time = options.Time ?? TimeProvider.System;
        var state = options.StateFile is { } path
            ? ForgeStateFile.Open(path, options.State, time)
            : new ForgeState(options.State, time);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        var server = new ForgeServer(app, state, options);
        app.Run(server.AnswerAsync);
        try
        {
            await server.SaveAsync(cancellationToken).ConfigureAwait(false);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        server.Url = app.Urls.First().TrimEnd('/');
        return server;
    }

    /// <summary>How many requests of a route have come in.</summary>
    public int Requests(ForgeRoute route) => Volatile.Read(ref _requests[(int)route]);

    /// <summary>Returns once everything known now is in the state file. Replies wait for it by themselves; call it after queueing jobs
    /// directly.</summary>
    public Task SaveAsync(CancellationToken cancellationToken = default) => _file?.SaveAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Stops serving; open requests are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        State.Happened -= SaveSoon;
        await _sweep.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        await SaveAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _file?.Dispose();
    }

    private async void SaveSoon(ForgeEvent happened)
    {
        try
        {
            await Task.Run(() => SaveAsync(_stopping.Token), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is OperationCanceledException or ObjectDisposedException or IOException
            or UnauthorizedAccessException)
        {
            // The next reply saves too, and fails loudly if it must.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = ForgeTarget.Parse(context.Request.Method, context.Request.Path.Value ?? "/");
        Interlocked.Increment(ref _requests[(int)target.Route]);
        var fault = Faults.Take(target.Route);
        if (fault is not null && !await MisbehaveAsync(context, fault).ConfigureAwait(false))
        {
            return;
        }

        var reply = target.IsRunnerCall
            ? await ForgeConnect.AnswerAsync(State, _release, target.Route, context.Request).ConfigureAwait(false)
            : await _rest.AnswerAsync(target, context.Request).ConfigureAwait(false);
        await SaveAsync(CancellationToken.None).ConfigureAwait(false);
        switch (fault?.Kind)
        {
            case ForgeFaultKind.LoseReply:
                context.Abort();
                return;
            case ForgeFaultKind.SlowReply:
                await Task.Delay(fault.Delay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }

        await WriteAsync(context, reply).ConfigureAwait(false);
    }

    /// <summary>Returns true when the request is still to be answered.</summary>
    private async Task<bool> MisbehaveAsync(HttpContext context, ForgeFault fault)
    {
        switch (fault.Kind)
        {
            case ForgeFaultKind.LoseReply or ForgeFaultKind.SlowReply:
                return true;
            case ForgeFaultKind.Slow:
                await Task.Delay(fault.Delay, context.RequestAborted).ConfigureAwait(false);
                return true;
            case ForgeFaultKind.Hang:
                using (var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                context.Abort();
                return false;
            case ForgeFaultKind.Disconnect:
                context.Abort();
                return false;
            case ForgeFaultKind.Status:
                var body = fault.Body ?? _rest.ErrorBody("", context.Request);
                await WriteAsync(
                    context, ForgeReply.Text(fault.StatusCode, "application/json", body, fault.RetryAfter)).ConfigureAwait(false);
                return false;
            case ForgeFaultKind.Html:
                await WriteAsync(
                    context, ForgeReply.Text(200, "text/html", "<!DOCTYPE html><html><body>Sign in</body></html>")).ConfigureAwait(false);
                return false;
            case ForgeFaultKind.Malformed:
                await WriteAsync(context, ForgeReply.Text(200, "application/json", "[{\"id\":1,\"uuid\":\"")).ConfigureAwait(false);
                return false;
            default:
                await WriteAsync(context, new ForgeReply(200, "application/json", [])).ConfigureAwait(false);
                return false;
        }
    }

    private static async Task WriteAsync(HttpContext context, ForgeReply reply)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = value;
        }

        if (reply.Status == 204)
        {
            return;
        }

        if (reply.ContentType.Length > 0)
        {
            response.ContentType = reply.ContentType;
        }

        response.ContentLength = reply.Body.Length;
        await response.Body.WriteAsync(reply.Body).ConfigureAwait(false);
    }

    /// <summary>The process belongs to whoever hosts the stand-in: its signals are none of ours.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
