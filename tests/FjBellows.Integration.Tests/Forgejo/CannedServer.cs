using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>A web server on loopback that answers every request as a test tells it, and remembers what was asked.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();

    private CannedServer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public ConcurrentQueue<Seen> Requests { get; } = new();

    /// <summary>Ends when the server goes away: what a hanging handler waits for.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public static async Task<CannedServer> StartAsync(Func<HttpContext, CannedServer, Task> handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.AddServerHeader = false);
        var app = builder.Build();
        var server = new CannedServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            server.Requests.Enqueue(new Seen(
                context.Request.Method,
                context.Request.Path,
                context.Request.QueryString.Value ?? "",
                context.Request.Headers.Authorization.ToString(),
                context.Request.ContentType ?? "",
                body));
            await handler(context, server);
        });
        await app.StartAsync();
        return server;
    }

    public static Task<CannedServer> AlwaysAsync(
        int status, string body, string contentType = "application/json", params (string Name, string Value)[] headers) =>
        StartAsync((context, _) => AnswerAsync(context, status, body, contentType, headers));

    public static Task AnswerAsync(
        HttpContext context, int status, string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers.Append(name, value);
        }

        return status == 204 ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    internal sealed record Seen(string Method, string Path, string Query, string Authorization, string ContentType, string Body);
}
