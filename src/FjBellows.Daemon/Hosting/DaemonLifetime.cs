using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Hosting;
using FjBellows.Daemon.Commands;
using FjBellows.Hosting;
using FjBellows.Pool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>
/// How the daemon ends (invariant R4). SIGTERM and SIGINT end it at once: jobs run detached and are found again by the next start. With
/// <c>-drain</c> or <c>-destroy-on-exit</c> it waits for the pools first. A second signal leaves without waiting for anything. systemd is
/// notified when the daemon is ready and when it stops.
/// </summary>
/// <param name="options">The command line.</param>
/// <param name="host">The host's life.</param>
/// <param name="root">The root actor.</param>
/// <param name="log">Tells what happens.</param>
internal sealed class DaemonLifetime(
    DaemonOptions options, IHostApplicationLifetime host, IRequiredActor<BellowsKey> root, TimeProvider time, ILogger<DaemonLifetime> log)
        : IHostLifetime, IDisposable
{
    private static readonly TimeSpan Extension = TimeSpan.FromMinutes(1);
    private readonly SystemdNotifier _systemd = new();
    private readonly List<IDisposable> _registrations = [];
    private int _signals;

    /// <summary>True when somebody asked the daemon to end.</summary>
    public bool WasAsked => _signals > 0;

    /// <inheritdoc />
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(host.ApplicationStarted.Register(() =>
        {
            log.Ready();
            _systemd.Notify(ServiceState.Ready);
        }));
        _registrations.Add(host.ApplicationStopping.Register(() => _systemd.Notify(ServiceState.Stopping)));
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            log.ExitingNow();
            Environment.Exit((int)ExitCode.Interrupted);
        }

        log.Stopping(context.Signal);
        _ = StopWhenDrainedAsync();
    }

    private async Task StopWhenDrainedAsync()
    {
        if ((options.Drain || options.DestroyOnExit) && host.ApplicationStarted.IsCancellationRequested)
        {
            await DrainAsync().ConfigureAwait(false);
        }

        host.StopApplication();
    }

    private async Task DrainAsync()
    {
        // The limit counts from the signal, whatever the pools are doing.
        using var limit = options.DrainTimeout > TimeSpan.Zero
            ? new CancellationTokenSource(options.DrainTimeout, time)
            : new CancellationTokenSource();
        try
        {
            var pools = await root.GetAsync(limit.Token).ConfigureAwait(false);
            var drained = pools.Ask<BellowsProtocol.AllDrained>(
                new BellowsProtocol.DrainAll(options.DestroyOnExit), Timeout.InfiniteTimeSpan, limit.Token);
            await KeepSystemdPatientAsync(drained).ConfigureAwait(false);
            log.Drained(ReasonText.Count((await drained.ConfigureAwait(false)).WorkersLeft, "worker"));
        }
        catch (OperationCanceledException)
        {
            log.NotDrained(options.DrainTimeout);
        }
        catch (Exception e)
        {
            log.CannotDrain(e.Message);
        }
    }

    private async Task KeepSystemdPatientAsync(Task drained)
    {
        using var timer = new PeriodicTimer(Extension / 2, time);
        while (!drained.IsCompleted)
        {
            _systemd.Notify(new ServiceState($"EXTEND_TIMEOUT_USEC={(long)Extension.TotalMicroseconds}"));
            await Task.WhenAny(drained, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false);
        }
    }
}
