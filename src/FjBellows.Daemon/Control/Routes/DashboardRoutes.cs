using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>The dashboard: files inside the program, which ask the API for everything they show. They tell nothing themselves, so they are
/// open.</summary>
internal static class DashboardRoutes
{
    /// <summary>Nothing but the daemon's own files, nothing inline, no markup made of text, in no frame.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action " +
        "'none'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>What a reader sends; some ask for the head alone.</summary>
    internal static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    private static readonly (string Path, string File, string ContentType)[] Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/dashboard/style.css", "style.css", "text/css; charset=utf-8"),
        ("/dashboard/icon.svg", "icon.svg", "image/svg+xml"),
        .. ((string[])["app.js", "api.js", "words.js", "workers.js", "jobs.js", "cost.js"])
            .Select(f => ($"/dashboard/{f}", f, "text/javascript; charset=utf-8")),
    ];

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder root)
    {
        foreach (var (path, file, contentType) in Files)
        {
            var content = Read(file);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
            root.MapMethods(path, Reading, (RequestDelegate)(context => SendAsync(context, content, tag, contentType)))
                .ExcludeFromDescription().WithMetadata(new EndpointRule(AccessRule.Open));
        }
    }

    private static Task SendAsync(HttpContext context, byte[] content, EntityTagHeaderValue tag, string contentType)
    {
        var response = context.Response;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // Asked for again each time, since a newer daemon may answer; unchanged it costs no bytes.
        response.Headers.CacheControl = "no-cache";
        response.GetTypedHeaders().ETag = tag;
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = contentType;
        response.ContentLength = content.Length;
        return response.Body.WriteAsync(content, 0, content.Length, context.RequestAborted);
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(DashboardRoutes).Assembly.GetManifestResourceStream($"dashboard/{file}")
            ?? throw new InvalidOperationException($"the dashboard's {file} is not in the program");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
