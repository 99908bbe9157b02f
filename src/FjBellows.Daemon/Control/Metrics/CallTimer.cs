using System.Diagnostics;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>Times calls to one part of the outside world.</summary>
/// <param name="metrics">Takes the times.</param>
/// <param name="target">The part, a word.</param>
internal sealed class CallTimer(ControlMetrics metrics, string target)
{
    /// <summary>Makes a call and counts how it went.</summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="operation">What it is for, a word.</param>
    public async Task<T> RunAsync<T>(string operation, Func<Task<T>> call)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = "ok";
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            result = e switch
            {
                ForgejoException forgejo => SnakeCase.Of(forgejo.Kind),
                CloudException cloud => SnakeCase.Of(cloud.Kind),
                OperationCanceledException => "cancelled",
                _ => "failed",
            };
            throw;
        }
        finally
        {
            metrics.Call(target, operation, result, Stopwatch.GetElapsedTime(begun));
        }
    }

    /// <summary>Makes a call without an answer.</summary>
    /// <param name="operation">What it is for, a word.</param>
    public Task RunAsync(string operation, Func<Task> call) => RunAsync(
        operation,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        });
}
