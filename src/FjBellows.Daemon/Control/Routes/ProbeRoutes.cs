using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>What a supervisor asks: open to everybody, and answered in one word.</summary>
/// <param name="reads">Knows how the daemon is.</param>
internal sealed class ProbeRoutes(ReadRoutes reads)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder root)
    {
        root.MapMethods(
            "/healthz", DashboardRoutes.Reading, (RequestDelegate)(context => WordAsync(context, StatusCodes.Status200OK, "ok")))
            .WithMetadata(new EndpointRule(AccessRule.Open));
        root.MapMethods("/readyz", DashboardRoutes.Reading, (RequestDelegate)ReadyAsync).WithMetadata(new EndpointRule(AccessRule.Open));
    }

    /// <summary>Ready once every pool has read its journal and seen its queue. A source that goes stale later leaves the daemon ready:
    /// taking it away from its callers would fix nothing.</summary>
    private async Task ReadyAsync(HttpContext context)
    {
        var health = (await reads.HealthAsync(context.RequestAborted).ConfigureAwait(false)).Value!;
        var ready = health.Pools.All(p => p.Status != "starting" && p.Sources.Count > 0);
        await WordAsync(
            context, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            ready ? "ready" : "starting").ConfigureAwait(false);
    }

    private static Task WordAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(word + "\n", context.RequestAborted);
    }
}
