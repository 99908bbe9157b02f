namespace FjBellows.Daemon.Commands;

/// <summary>How the program ends. The numbers are part of its interface: units and scripts rely on them.</summary>
internal enum ExitCode
{
    /// <summary>Done as asked.</summary>
    Ok = 0,

    /// <summary>It did not work out; the last lines say why.</summary>
    Failure = 1,

    /// <summary>The command line or the configuration is wrong. Starting again changes nothing before somebody fixes it.</summary>
    Usage = 2,

    /// <summary>Another daemon holds the lock (invariant O5).</summary>
    Locked = 3,

    /// <summary>The state directory or the journal cannot be used: not writable, damaged, or written by a newer version.</summary>
    State = 4,

    /// <summary>A second signal ended the program before it had drained (invariant R4).</summary>
    Interrupted = 130,
}

/// <summary>Ends a command with a message and an exit code.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">What failed, why it matters, and what to do.</param>
internal sealed class CommandException(ExitCode code, string message)
    : Exception(OutsideText.CleanLines(message, CommandException.LongestMessage))
{
    // The findings of a whole configuration may be reported at once.
    private const int LongestMessage = 64 * 1024;

    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;
}
