using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Testing.Clouds;

/// <summary>The skeleton of a vendor's stand-in on loopback: it listens, reads requests, plays faults, keeps what was asked, and leaves the
/// answers to the vendor's class.</summary>
/// <param name="basePath">The path of the API's base, such as <c>/v1</c>.</param>
/// <param name="token">The one token it accepts.</param>
/// <param name="time">Its clock.</param>
public abstract class FakeCloud(string basePath, string token, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = [];
    private WebApplication? _app;

    /// <summary>What goes wrong.</summary>
    public FakeFaults Faults { get; } = new();

    /// <summary>Every request so far, as <c>METHOD path status</c>; status 0 when no answer was given.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Where it listens.</summary>
    public Uri Root => new(_app!.Urls.First());

    /// <summary>What a provider takes for its API's base.</summary>
    public Uri ApiUrl => new(Root, basePath);

    /// <summary>What it answers to a wrong token.</summary>
    protected abstract FakeReply Unauthorized { get; }

    /// <summary>Starts to listen on a free port of 127.0.0.1.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Carries a request out.</summary>
    protected abstract FakeReply Act(FakeRequest request);

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var request = new FakeRequest(
            context.Request.Method,
            path.StartsWith(basePath, StringComparison.Ordinal) ? path[basePath.Length..].Trim('/') : path,
            context.Request.Query.ToDictionary(q => q.Key, q => q.Value[0] ?? ""),
            await ReadAsync(context.Request).ConfigureAwait(false));
        var fault = Faults.Take(request);
        FakeReply? reply = null;
        if (fault is null || fault.Acts)
        {
            // What was asked for is done even when the client has gone away: that is what makes a lost answer dangerous.
            reply = context.Request.Headers.Authorization == $"Bearer {token}" ? Act(request) : Unauthorized;
        }

        reply = fault is null ? reply! : fault.Reply;
        _requests.Enqueue($"{request.Method} {request.Path} {reply?.Status ?? 0}");
        if (reply is null)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = reply.Status;
        context.Response.Headers.Date = time.GetUtcNow().ToString("R");
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (reply.Body.Length > 0)
        {
            context.Response.ContentType = reply.Body.StartsWith('<') ? "text/html" : "application/json";
            await context.Response.WriteAsync(reply.Body).ConfigureAwait(false);
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync().ConfigureAwait(false);
        return body.Length > 0 ? JsonNode.Parse(body)!.AsObject() : [];
    }
}
