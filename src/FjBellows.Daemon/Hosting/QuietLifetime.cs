using Microsoft.Extensions.Hosting;

namespace FjBellows.Daemon.Hosting;

/// <summary>The life of a host that others start and stop: it listens to no signal.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    /// <inheritdoc />
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
