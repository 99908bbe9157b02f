using System.Runtime.InteropServices;

namespace FjBellows.Daemon.Control.Client;

/// <summary>Turns Ctrl-C into a cancellation, so that a command leaves the terminal as it found it.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens.</summary>
    public Interrupt() =>
        _registrations =
            [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Cancels.</summary>
    public void Cancel() => _source.Cancel();

    /// <inheritdoc />
    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
