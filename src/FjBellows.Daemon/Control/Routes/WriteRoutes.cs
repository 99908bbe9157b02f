using System.Text;
using Akka.Actor;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Hosting;
using FjBellows.Pool;
using FjBellows.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>What can be changed. Each write leaves a line with its caller in the log.</summary>
/// <param name="parts">What the control plane steers.</param>
/// <param name="desk">The pools.</param>
/// <param name="access">Knows who asks.</param>
/// <param name="log">Takes the lines.</param>
internal sealed class WriteRoutes(ControlContext parts, PoolClient desk, ControlAccess access, ILogger log)
{
    private const int LongestCommand = 64 * 1024;
    private const int LongestExec = 60;
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>Adds the routes.</summary>
    /// <param name="api">The group below <c>/api/v1</c>.</param>
    public void Map(IEndpointRouteBuilder api)
    {
        var writes = api.MapGroup("").WithMetadata(new EndpointRule(AccessRule.Write)).WithTags("writes");
        writes.MapPost("/pause", PauseAsync).WithSummary("Stops provisioning and dispatch; running jobs continue. Survives a restart.");
        writes.MapPost("/resume", ResumeAsync).WithSummary("Starts provisioning and dispatch again.");
        writes.MapPost("/reconcile", ReconcileAsync).WithSummary("Refreshes all sources and resets backoffs.");
        writes.MapPost("/provision", ProvisionAsync).WithSummary("Provisions workers ahead of demand.");
        writes.MapPost("/delete", DeleteAsync).WithSummary("Deletes a worker; a busy worker only with `force`.");
        writes.MapPost("/drain", DrainAsync).WithSummary("Drains a worker: finishes its job, then deletes it.");
        writes.MapPost("/release", ReleaseAsync)
            .WithSummary("Stops counting a worker towards scale.max that cannot be deleted or whose journal cannot be read.");
        writes.MapPost("/exec", ExecAsync).WithSummary("Runs a shell command on a worker.");
        writes.MapPost("/reload", ReloadAsync).WithSummary("Reloads the configuration: all of it or nothing.");
    }

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> PauseAsync(
        HttpContext context, PoolRequest? body) =>
        TellPoolsAsync(context, "pause", body?.Pool, by => new PoolProtocol.Pause(by));

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> ResumeAsync(
        HttpContext context, PoolRequest? body) =>
        TellPoolsAsync(context, "resume", body?.Pool, by => new PoolProtocol.Resume(by));

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> ReconcileAsync(
        HttpContext context, PoolRequest? body) =>
        TellPoolsAsync(context, "reconcile", body?.Pool, by => new PoolProtocol.Reconcile(by));

    private async Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> ProvisionAsync(
        HttpContext context, ProvisionRequest? body) =>
        body is not { Pool: null } || desk.Pools.Count == 1
            ? await TellPoolsAsync(
                context, $"provision {body?.Count ?? 1}", body?.Pool ?? desk.Pools[0],
                by => new PoolProtocol.ProvisionWorkers(body?.Count ?? 1, by)).ConfigureAwait(false)
            : TypedResults.BadRequest(
                new ErrorInfo("there are several pools, and 'pool' is missing", $"one of: {string.Join(", ", desk.Pools)}"));

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> DeleteAsync(
        HttpContext context, DeleteRequest body) =>
        TellWorkerAsync(
            context, body.Force ? "delete --force" : "delete", body.Worker,
            by => new PoolProtocol.DeleteWorker(body.Worker, body.Force, by));

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> DrainAsync(
        HttpContext context, DrainRequest body) =>
        TellWorkerAsync(context, "drain", body.Worker, by => new PoolProtocol.DrainWorker(body.Worker, by));

    private Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> ReleaseAsync(
        HttpContext context, ReleaseRequest body) =>
        TellWorkerAsync(context, "release", body.Worker, by => new PoolProtocol.ReleaseWorker(body.Worker, by));

    private async Task<Results<Ok<ExecInfo>, Conflict<ErrorInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> ExecAsync(
        HttpContext context, ExecRequest body)
    {
        var bytes = Encoding.UTF8.GetByteCount(body.Command);
        if (body.Command.Length == 0 || bytes > LongestCommand || body.TimeoutSeconds is < 1 or > LongestExec)
        {
            return TypedResults.BadRequest(new ErrorInfo(
                body.Command.Length == 0 ? "command is empty" : bytes > LongestCommand
                    ? $"command has {bytes} bytes"
                    : $"timeout_seconds is {body.TimeoutSeconds}",
                $"send 1 to {LongestCommand} bytes of shell, and a timeout of 1 to {LongestExec}"));
        }

        if (await PoolOfAsync(body.Worker, context.RequestAborted).ConfigureAwait(false) is not { } pool)
        {
            return NoWorker(body.Worker);
        }

        var by = access.CallerOf(context);
        var limit = TimeSpan.FromSeconds(body.TimeoutSeconds);
        var answer = await AskAsync(
            pool, new PoolProtocol.RunOnWorker(body.Worker, body.Command, limit, by), limit + Answer).ConfigureAwait(false);
        if (answer is CommandRan { Result: var result })
        {
            Audit(by, "exec", $"{body.Worker} ({bytes} bytes)",
                $"exit code {result.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}");
            return TypedResults.Ok(new ExecInfo(body.Worker, result.ExitCode, result.Output, result.Error));
        }

        var (word, why) = answer is CommandRefused refused
            ? ("refused", refused.Why)
            : ("unknown", $"pool {pool} does not answer; the command may have run, or may still run");
        Audit(by, "exec", $"{body.Worker} ({bytes} bytes)", $"{word}: {why}");
        return TypedResults.Conflict(new ErrorInfo(why));
    }

    private async Task<Results<Ok<ReloadInfo>, Conflict<ReloadInfo>>> ReloadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var by = access.CallerOf(context);
        var answer = await parts.Reload(by).ConfigureAwait(false);
        log.Commanded(by, "reload", answer.Message);
        return answer.Done ? TypedResults.Ok(answer) : TypedResults.Conflict(answer);
    }

    private async Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> TellWorkerAsync(
        HttpContext context, string deed, string worker, Func<string, PoolProtocol.IPoolCommand> command) =>
        await PoolOfAsync(worker, context.RequestAborted).ConfigureAwait(false) is { } pool
            ? await TellAsync(context, $"{deed} {worker}", [pool], command).ConfigureAwait(false)
            : NoWorker(worker);

    private async Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> TellPoolsAsync(
        HttpContext context, string deed, string? pool, Func<string, PoolProtocol.IPoolCommand> command) =>
        pool is null || desk.Pools.Contains(pool)
            ? await TellAsync(context, deed, pool is null ? desk.Pools : [pool], command).ConfigureAwait(false)
            : TypedResults.NotFound(new ErrorInfo($"there is no pool '{pool}'", $"there are: {string.Join(", ", desk.Pools)}"));

    private async Task<Results<Ok<CommandInfo>, Conflict<CommandInfo>, NotFound<ErrorInfo>, BadRequest<ErrorInfo>>> TellAsync(
        HttpContext context, string deed, IReadOnlyList<string> pools, Func<string, PoolProtocol.IPoolCommand> command)
    {
        var by = access.CallerOf(context);
        var results = await Task.WhenAll(pools.Select(async pool =>
        {
            // One that is silent takes nothing away from what the others say, and what it was asked is on record all the same.
            var answer = await AskAsync(pool, command(by), Answer).ConfigureAwait(false);
            var (result, word) = answer switch
            {
                PoolProtocol.Done done => (new CommandOutcome(pool, true, done.Message), "done"),
                CommandRefused refused => (new CommandOutcome(pool, false, refused.Why), "refused"),
                _ => (new CommandOutcome(
                    pool, false, $"pool {pool} does not answer; the command may still take effect. See GET /api/v1/health for the reason"),
                    "unknown"),
            };
            Audit(by, deed, pool, $"{word}: {result.Message}");
            return result;
        })).ConfigureAwait(false);
        var info = new CommandInfo(results);
        return results.All(r => r.Done) ? TypedResults.Ok(info) : TypedResults.Conflict(info);
    }

    /// <summary>A pool's answer; null when there is none in time.</summary>
    private async Task<object?> AskAsync(string pool, PoolProtocol.IPoolCommand command, TimeSpan limit)
    {
        try
        {
            return await desk.AskAsync<object>(pool, command, limit).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private async Task<string?> PoolOfAsync(string worker, CancellationToken cancellationToken) =>
        (await desk.GetAsync(null, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(s => s.Status?.Workers.Any(w => w.Name == worker) == true)?.Pool;

    private void Audit(string by, string command, string subject, string result) => log.Commanded(by, command, subject, result);

    private static NotFound<ErrorInfo> NoWorker(string name) =>
        TypedResults.NotFound(new ErrorInfo($"there is no worker '{name}'", "GET /api/v1/workers lists them"));
}
