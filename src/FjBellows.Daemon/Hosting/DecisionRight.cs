using System.Globalization;
using System.Runtime.InteropServices;
using FjBellows.Daemon.Commands;
using FjBellows.Journal;
using Microsoft.Extensions.Hosting.Systemd;
using Serilog;

namespace FjBellows.Daemon.Hosting;

/// <summary>Waits for, or refuses to share, the right to decide for the pools (invariant O5): the lock file on this host, and the locks in
/// the database where the journal is in one.</summary>
/// <param name="standby">True to wait while another daemon has it.</param>
/// <param name="log">Says who has it.</param>
internal sealed class DecisionRight(bool standby, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private bool _waited;

    /// <summary>What this daemon calls itself towards others that find its lock.</summary>
    public static string Holder { get; } =
        string.Create(
            CultureInfo.InvariantCulture, $"fj-bellows on {Shortened(Environment.MachineName)} (process {Environment.ProcessId})");

    /// <summary>Takes the lock file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CommandException">Another daemon holds it, and this one does not stand by.</exception>
    public async Task<DaemonLock> TakeFileAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return DaemonLock.Take(path);
            }
            catch (CommandException e) when (standby && e.Code == ExitCode.Locked)
            {
                await WaitAsync(e.Message, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the locks in the database.</summary>
    /// <param name="lease">The locks; null where the journal is in no database server.</param>
    /// <exception cref="CommandException">Another daemon holds one and this one does not stand by, or the database cannot be
    /// used.</exception>
    public async Task TakeAsync(PoolLease? lease, CancellationToken cancellationToken)
    {
        while (lease is not null)
        {
            LeaseHolder? holder;
            try
            {
                holder = await lease.TryTakeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (JournalException e) when (standby && _waited)
            {
                // A database that fails over is away for a moment; whoever stands by goes on standing by.
                await WaitAsync(e.Message, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (JournalException e)
            {
                throw new CommandException(e.Kind == JournalErrorKind.Settings ? ExitCode.Usage : ExitCode.State, e.Message);
            }

            if (holder is null)
            {
                if (_waited)
                {
                    log.Information(
                        "took over the pools; acting in {Seconds} s, when the other daemon has stopped for certain",
                        PoolLease.Settle.TotalSeconds);
                    await Task.Delay(PoolLease.Settle, time, cancellationToken).ConfigureAwait(false);
                }

                return;
            }

            var message =
                $"another fj-bellows decides for a pool of this journal: {holder}. Two daemons would delete each other's workers: " +
                "stop the other one, give this one pools or a database of its own, or start it with --standby to take over when the " +
                "other one ends";
            if (!standby)
            {
                throw new CommandException(ExitCode.Locked, message);
            }

            await WaitAsync(message, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Cancelled by a signal. Only for the time before the host handles signals.</summary>
    public static (CancellationTokenSource Source, IDisposable Registrations) Signals()
    {
        var source = new CancellationTokenSource();
        return (source, new Several(
            [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
                .Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                source.Cancel();
            }))]));
    }

    private async Task WaitAsync(string why, CancellationToken cancellationToken)
    {
        if (!_waited)
        {
            _waited = true;
            log.Information("standing by: {Reason}", why);

            // A unit of type notify would be killed for starting too long.
            var systemd = new SystemdNotifier();
            systemd.Notify(ServiceState.Ready);
            systemd.Notify(new ServiceState("STATUS=standing by"));
        }

        await Task.Delay(Again, time, cancellationToken).ConfigureAwait(false);
    }

    // PostgreSQL cuts the whole name at 63 bytes, and the process comes last.
    private static string Shortened(string host) => host.Length <= 30 ? host : host[..30];

    private sealed class Several(IReadOnlyList<IDisposable> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in all)
            {
                one.Dispose();
            }
        }
    }
}
