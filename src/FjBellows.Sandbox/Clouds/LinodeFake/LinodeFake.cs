using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FjBellows.Sandbox.Clouds;

/// <summary>A stand-in for Linode's API on loopback, with an account of its own that lives as long as it does. What it answers is held
/// against the vendor's schema by the tests.</summary>
public sealed class LinodeFake : IAsyncDisposable
{
    private const string Version = "/v4/";

    private readonly WebApplication _app;
    private readonly LinodeFakeOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly LinodeFakeRateLimits _limits;

    private LinodeFake(WebApplication app, LinodeFakeOptions options, TimeProvider time)
    {
        _app = app;
        _options = options;
        _time = time;
        _limits = new LinodeFakeRateLimits(time);
        Account = new LinodeFakeAccount(options, Faults, time);
    }

    /// <summary>What goes wrong.</summary>
    public LinodeFakeFaults Faults { get; } = new();

    /// <summary>What the account owns.</summary>
    public LinodeFakeAccount Account { get; }

    /// <summary>Its firewalls, as JSON.</summary>
    public IReadOnlyList<JsonObject> Firewalls => Account.Networks.Firewalls();

    /// <summary>Its placement groups, as JSON.</summary>
    public IReadOnlyList<JsonObject> PlacementGroups => Account.Networks.Groups();

    /// <summary>Its VPCs, as JSON.</summary>
    public IReadOnlyList<JsonObject> Vpcs => Account.Networks.Vpcs();

    /// <summary>Every request so far, as <c>METHOD path status</c>, the path after the version; status 0 when no answer was
    /// given.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Where it listens, without the version.</summary>
    public Uri Root => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>What a client takes for <c>api_url</c>.</summary>
    public Uri ApiUrl => new(Root, "/v4");

    /// <summary>Starts a stand-in on a free port of 127.0.0.1.</summary>
    /// <param name="options">What it is like; the defaults when null.</param>
    /// <param name="time">Its clock; the system's when null.</param>
    /// <param name="port">The port; 0 for any.</param>
    public static async Task<LinodeFake> StartAsync(
        LinodeFakeOptions? options = null, TimeProvider? time = null, int port = 0, CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var app = builder.Build();
        var fake = new LinodeFake(app, options ?? new LinodeFakeOptions(), time ?? TimeProvider.System);
        app.Run(fake.HandleAsync);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        return fake;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _app.DisposeAsync().ConfigureAwait(false);

    /// <summary>Carries out a request that no client sent: what somebody does in the vendor's own console.</summary>
    /// <param name="path">The path after the version.</param>
    /// <returns>The status.</returns>
    public async Task<int> ConsoleAsync(string method, string path, JsonObject? body = null) =>
        (await ActAsync(
            new LinodeFakeRequest(method, path, 1, 100, null, body ?? []), CancellationToken.None).ConfigureAwait(false)).Status;

    private async Task HandleAsync(HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var path = context.Request.Path.Value ?? "";
        if (!path.StartsWith(Version, StringComparison.Ordinal))
        {
            await WriteAsync(context, LinodeFakeReply.NotFound).ConfigureAwait(false);
            return;
        }

        var request = await ReadAsync(context.Request, path[Version.Length..].Trim('/'), cancellationToken).ConfigureAwait(false);
        var fault = Faults.Take(request.Method, request.Path);
        var reply = fault?.Reply is { } refused && !fault.Acts ? refused : await ActAsync(request, context).ConfigureAwait(false);
        if (fault?.Late > TimeSpan.Zero)
        {
            await Task.Delay(fault.Late, _time, cancellationToken).ConfigureAwait(false);
        }

        if (fault?.Lost == true)
        {
            _requests.Enqueue($"{request.Method} {request.Path} 0");
            context.Abort();
            return;
        }

        reply = fault?.Reply ?? reply;
        _requests.Enqueue($"{request.Method} {request.Path} {reply.Status}");
        await WriteAsync(context, reply).ConfigureAwait(false);
    }

    private Task<LinodeFakeReply> ActAsync(LinodeFakeRequest request, HttpContext context)
    {
        if (_options.Token is { } token && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            return Task.FromResult(LinodeFakeReply.Error(401, "Invalid Token"));
        }

        if (_options.EnforceRateLimits && _limits.Exceeded(request) is { } wait)
        {
            return Task.FromResult(LinodeFakeReply.Error(429, "Too many requests") with { RetryAfter = wait });
        }

        // What was asked for is done even when the client has gone away meanwhile: that is what makes a lost answer dangerous.
        return ActAsync(request, CancellationToken.None);
    }

    private async Task<LinodeFakeReply> ActAsync(LinodeFakeRequest request, CancellationToken cancellationToken) =>
        (request.Method, request.Segments) switch
        {
            ("GET", ["linode", "instances"]) => Account.List(request),
            ("POST", ["linode", "instances"]) => await Account.CreateAsync(request, cancellationToken).ConfigureAwait(false),
            ("GET", ["linode", "instances", _]) => Account.Get(request.Id(2)),
            ("DELETE", ["linode", "instances", _]) => await Account.DeleteAsync(request.Id(2), cancellationToken).ConfigureAwait(false),
            ("GET", ["linode", "instances", _, "ips"]) =>
                Account.Find(request.Id(2)) is { } found ? LinodeFakeReply.Ok(LinodeFakeJson.Ips(found)) : LinodeFakeReply.NotFound,
            ("GET", ["linode", "types"]) => request.PageOf(LinodeFakeCatalog.Types.Keys.Select(LinodeFakeCatalog.Type)),
            ("GET", ["regions", var id]) when LinodeFakeCatalog.Regions.ContainsKey(id) => LinodeFakeReply.Ok(LinodeFakeCatalog.Region(id)),
            ("GET", ["regions", var id, "availability"]) when LinodeFakeCatalog.Regions.ContainsKey(id) =>
                LinodeFakeReply.Ok(LinodeFakeCatalog.Availability(id, Faults)),
            ("GET", ["images", var id]) when LinodeFakeCatalog.Images.ContainsKey(id) => LinodeFakeReply.Ok(LinodeFakeCatalog.Image(id)),
            ("GET", ["profile"]) => LinodeFakeReply.Ok(LinodeFakeJson.Profile(_options)),
            ("GET", ["profile", "grants"]) => LinodeFakeReply.Ok(LinodeFakeJson.Grants(_options)),
            _ => Account.Networks.Answer(request) ?? LinodeFakeReply.NotFound,
        };

    private static async Task<LinodeFakeRequest> ReadAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        var filter = request.Headers["X-Filter"].ToString();
        return new LinodeFakeRequest(
            request.Method,
            path,
            Number(request.Query["page"].ToString(), 1),
            Number(request.Query["page_size"].ToString(), 100),
            filter.Length > 0 ? JsonNode.Parse(filter)!.AsObject() : null,
            body.Length > 0 ? JsonNode.Parse(body)!.AsObject() : []);
    }

    private static int Number(string text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private async Task WriteAsync(HttpContext context, LinodeFakeReply reply)
    {
        context.Response.StatusCode = reply.Status;
        context.Response.Headers.Date = _time.GetUtcNow().ToString("R");
        context.Response.ContentType = reply.IsJson ? "application/json" : "text/html";
        context.Response.Headers["X-OAuth-Scopes"] = _options.Scopes;
        if (reply.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await context.Response.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
