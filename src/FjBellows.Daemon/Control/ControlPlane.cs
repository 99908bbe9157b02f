using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Daemon.Control.Routes;
using FjBellows.Daemon.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>The operator's side of the daemon: one HTTP listener over everything that the pools say and publish.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private const string SocketUrl = "http://unix:";
    private const long LargestRequest = 512 * 1024;
    private const int MostConnections = 1_000;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly IDisposable _following;
    private CostRoutes? _costs;

    private ControlPlane(WebApplication app, ControlFeed feed, IDisposable following) => (_app, Feed, _following) = (app, feed, following);

    /// <summary>What the pools published.</summary>
    public ControlFeed Feed { get; }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:9876</c>; empty on the socket alone.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="options">How it is served.</param>
    /// <param name="parts">What it shows.</param>
    /// <exception cref="IOException">The address is taken, or is none of this machine's.</exception>
    public static async Task<ControlPlane> StartAsync(ControlOptions options, ControlContext parts, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "fj-bellows" });
        builder.Services.AddSingleton<ILoggerFactory>(new QuietDiagnostics(parts.Logs));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = ControlJson.Default.Options.PropertyNamingPolicy;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            foreach (var converter in ControlJson.Default.Options.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }

            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ControlJson.Default);
        });
        builder.Services.AddOpenApi(openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "fj-bellows";
            document.Info.Version = ProgramVersion.Text;
            document.Servers?.Clear();
            return Task.CompletedTask;
        }));
        var addresses = options.HasAddress ? await AddressesAsync(options.Listen, cancellationToken).ConfigureAwait(false) : [];
        if (options.Socket is { } path)
        {
            ControlSocket.MakeRoom(path);
        }

        var limits = new CallerLimits();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = IdleTimeout;
            foreach (var address in addresses)
            {
                kestrel.Listen(address, ControlAddress.PortOf(options.Listen), Limited);
            }

            if (options.Socket is { } socket)
            {
                kestrel.ListenUnixSocket(socket, Limited);
            }

            void Limited(ListenOptions listen)
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => limits.ServeAsync(connection, next));
            }
        });

        var log = parts.Logs.CreateLogger<ControlPlane>();
        var app = builder.Build();
        var feed = new ControlFeed(parts.Time, parts.Metrics);
        var plane = new ControlPlane(app, feed, feed.Follow(parts.System));
        try
        {
            plane.Map(options, parts, feed, limits, log);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await plane.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (options.HasAddress)
        {
            plane.Url = app.Urls.First(url => !url.StartsWith(SocketUrl, StringComparison.Ordinal)).TrimEnd('/');
            plane.Announce(options, log);
        }

        if (options.Socket is { } opened)
        {
            ControlSocket.Protect(opened);
            if (options.WritesEnabled)
            {
                log.ServesWritesOnSocket(opened);
            }
            else
            {
                log.ServesReadsOnSocket(opened);
            }
        }

        return plane;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _following.Dispose();
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _costs?.Dispose();
    }

    private void Announce(ControlOptions options, ILogger log)
    {
        if (options.WritesOverAddress)
        {
            log.ServesWrites(Url, options.TokenNeeded);
        }
        else if (options.Token is null)
        {
            log.ServesReads(Url);
        }
        else
        {
            log.ServesReadsByToken(Url, options.TokenNeeded);
        }
    }

    private void Map(ControlOptions options, ControlContext parts, ControlFeed feed, CallerLimits limits, ILogger log)
    {
        var access = new ControlAccess(options, parts.Time, log);
        var desk = new PoolClient([.. parts.Pools().Select(p => p.Settings.Name)], parts.Root, feed, parts.History, parts.Time, log);
        var reads = new ReadRoutes(parts, options, desk, feed);
        _app.Use(next => context => AnswerFailureAsync(context, next, log));
        _app.Use(next => context => access.InvokeAsync(context, next));

        var api = _app.MapGroup("/api/v1");
        reads.Map(api);
        new StreamRoutes(parts, feed, access, limits, _app.Lifetime).Map(api);
        new WriteRoutes(parts, desk, access, log).Map(api);
        _costs = new CostRoutes(parts, desk, log);
        _costs.Map(api);
        new ProbeRoutes(reads).Map(_app);
        DashboardRoutes.Map(_app);
        new MetricsRoute(parts, desk, _costs, parts.Metrics).Map(_app);
        _app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new EndpointRule(AccessRule.Open));
    }

    /// <summary>A failure is logged; the caller learns that there was one.</summary>
    private static async Task AnswerFailureAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is
                {
                    StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false, ContentLength: null,
                    ContentType: null
                })
            {
                await WriteAsync(context, context.Response.StatusCode, WordlessError(context)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var (status, error) = e switch
            {
                Microsoft.AspNetCore.Http.BadHttpRequestException bad => (bad.StatusCode, new ErrorInfo(bad.Message)),
                AskTimeoutException =>
                    (StatusCodes.Status503ServiceUnavailable, new ErrorInfo(
                        "the pool does not answer", "see GET /api/v1/health for the reason, and try again")),
                _ => (StatusCodes.Status500InternalServerError, new ErrorInfo("the request failed; see the daemon's log for the reason")),
            };
            if (status == StatusCodes.Status500InternalServerError)
            {
                log.RequestFailed(e, context.Request.Method, context.Request.Path);
            }

            await WriteAsync(context, status, error).ConfigureAwait(false);
        }
    }

    /// <summary>What routing refuses by its number alone.</summary>
    private static ErrorInfo WordlessError(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest =>
            new ErrorInfo($"a parameter of {context.Request.Path} is not valid", "see /openapi/v1.json for its type"),
        StatusCodes.Status405MethodNotAllowed =>
            new ErrorInfo($"{context.Request.Path} does not take {context.Request.Method}", "see /openapi/v1.json"),
        StatusCodes.Status415UnsupportedMediaType =>
            new ErrorInfo("a write request must be a JSON document", "send 'Content-Type: application/json'"),
        StatusCodes.Status413PayloadTooLarge => new ErrorInfo($"the request has more than {LargestRequest} bytes"),
        _ => new ErrorInfo($"there is no {context.Request.Method} {context.Request.Path}", "/openapi/v1.json lists what there is"),
    };

    private static Task WriteAsync(HttpContext context, int status, ErrorInfo error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(error, ControlJson.Default.ErrorInfo, cancellationToken: context.RequestAborted);
    }

    private static async Task<IPAddress[]> AddressesAsync(string listen, CancellationToken cancellationToken)
    {
        var host = ControlAddress.HostOf(listen);
        if (host.Length == 0)
        {
            return [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return host == "localhost"
                ? [IPAddress.Loopback]
                : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new IOException($"-control-listen {listen}: the name {host} has no address ({e.Message})", e);
        }
    }
}
