using FjBellows.Daemon.Control.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FjBellows.Daemon.Control.Routes;

/// <summary><c>/metrics</c>, open to everybody who reaches the listener: it names no job and no worker.</summary>
/// <param name="parts">What the control plane shows.</param>
/// <param name="desk">The pools.</param>
/// <param name="costs">What today cost.</param>
/// <param name="metrics">The numbers.</param>
internal sealed class MetricsRoute(ControlContext parts, PoolClient desk, CostRoutes costs, ControlMetrics metrics)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder root) =>
        root.MapGet("/metrics", (RequestDelegate)WriteAsync).WithMetadata(new EndpointRule(AccessRule.Open));

    private async Task WriteAsync(HttpContext context)
    {
        var said = await desk.GetAsync(null, context.RequestAborted).ConfigureAwait(false);
        metrics.SetCosts(costs.Known());
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await metrics.WriteAsync(
            said, said.All(s => ApiMapping.Health(s).Status == "ok"), parts.Pools(), context.Response.Body,
            context.RequestAborted).ConfigureAwait(false);
    }
}
