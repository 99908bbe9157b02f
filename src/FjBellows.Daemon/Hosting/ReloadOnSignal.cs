using System.Runtime.InteropServices;
using Akka.Hosting;
using FjBellows.Hosting;
using Microsoft.Extensions.Hosting;

namespace FjBellows.Daemon.Hosting;

/// <summary>Reads the configuration again on SIGHUP.</summary>
/// <param name="reloader">Reads it.</param>
/// <param name="root">The root actor.</param>
internal sealed class ReloadOnSignal(Reloader reloader, IRequiredActor<BellowsKey> root) : IHostedService
{
    private PosixSignalRegistration? _registration;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = Task.Run(
                async () => await reloader.ReloadAsync(await root.GetAsync().ConfigureAwait(false), "SIGHUP").ConfigureAwait(false),
                CancellationToken.None);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration?.Dispose();
        return Task.CompletedTask;
    }
}
