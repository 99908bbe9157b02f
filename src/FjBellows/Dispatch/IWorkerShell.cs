namespace FjBellows.Dispatch;

/// <summary>A way to run shell commands on one worker: the transport under a shell-driven session. SSH, an engine's exec API and
/// plain processes each implement this and nothing else; what a dispatch is, is written once above it.</summary>
public interface IWorkerShell : IAsyncDisposable
{
    /// <summary>Completes, and never fails, when the transport is found to be dead. The value says how that was noticed.</summary>
    Task<string> Lost { get; }

    /// <summary>The host key the far side showed, in OpenSSH's form; null where the mechanism has none.</summary>
    string? HostKey { get; }

    /// <summary>Runs a command by the far side's POSIX shell and waits for it.</summary>
    /// <param name="command">Shell text. It is seen in the far side's process list: secrets go into <paramref name="input"/>.</param>
    /// <param name="input">All of the command's standard input, byte for byte as UTF-8.</param>
    /// <param name="cancellationToken">Ends the wait; the command may go on.</param>
    /// <returns>Exit code and output, each stream cut at 1 MiB.</returns>
    /// <exception cref="SessionException">The transport failed.</exception>
    Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken);

    /// <summary>Runs a command and hands over its output as it comes.</summary>
    /// <param name="command">Shell text, as in <see cref="RunAsync"/>. Its standard input is empty.</param>
    /// <param name="line">Takes every line of standard output, without its newline; called from one thread at a time. A line longer than 64
    /// Ki characters may come in pieces of at least that length, or cut to it.</param>
    /// <param name="cancellationToken">Ends the wait; the command may go on.</param>
    /// <returns>The exit code; null when a signal ended it.</returns>
    /// <exception cref="SessionException">The transport failed.</exception>
    Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken);
}
