using System.Text;
using FjBellows.Dispatch;
using Renci.SshNet;

namespace FjBellows.Ssh;

/// <summary>One channel with a shell behind it that waits for the text it is to run. The text comes over standard input, so that a
/// channel opened beforehand runs a command half a round trip after it is decided on, and no process list shows it.</summary>
internal sealed class SshExec
{
    /// <summary>Becomes what <see cref="Program"/> writes.</summary>
    private const string Launcher = "exec /bin/sh";

    private readonly SshCommand _command;
    private readonly Stream _input;

    private SshExec(SshCommand command, Task ended, Stream input)
    {
        _command = command;
        Ended = ended;
        _input = input;
    }

    /// <summary>Ends with the remote process; faults when the connection goes.</summary>
    public Task Ended { get; }

    public int? ExitCode => _command.ExitStatus;

    /// <summary>What the process writes; a read blocks, and gives 0 when the process has ended and everything is read.</summary>
    public Stream Output => _command.OutputStream;

    public Stream Error => _command.ExtendedOutputStream;

    /// <summary>Bytes of both streams that came and were not read.</summary>
    public long Unread => Length(_command.OutputStream) + Length(_command.ExtendedOutputStream);

    /// <summary>Opens a waiting shell.</summary>
    public static Task<SshExec> OpenAsync(SshLink link) => OpenAsync(link, Launcher);

    /// <summary>Opens a channel with a fixed command that reads its input. What it sends unasked is watched from the first byte.</summary>
    public static Task<SshExec> OpenAsync(SshLink link, string command) => DedicatedThread.Run(() =>
    {
        var sshCommand = link.Client.CreateCommand(command, Encoding.UTF8);
        try
        {
            var ended = sshCommand.ExecuteAsync(link.Closing);
            DedicatedThread.Seen(ended);
            var exec = new SshExec(sshCommand, ended, sshCommand.CreateInputStream());
            link.Unread.Add(exec, UnreadWatch.Idle);
            return exec;
        }
        catch
        {
            _ = DedicatedThread.Run(sshCommand.Dispose);
            throw;
        }
    });

    /// <summary>Hands the shell its text and all of its input. The input stays open, since the text ends with the shell's own end: an end
    /// of input sent to a process that has just died crosses the channel's close, and OpenSSH then ends the whole connection. A process
    /// that ends without reading is no error here.</summary>
    public Task FeedAsync(string command, string input) => DedicatedThread.Run(() =>
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(Program(command, input));
            _input.Write(bytes, 0, bytes.Length);
        }
        catch (Exception) when (Ended.IsCompleted)
        {
            // The exit code or the fault of Ended tells.
        }
    });

    /// <summary>Sends bytes and keeps the input open.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        _input.Write(copy, 0, copy.Length);
    }

    private static long Length(Stream stream)
    {
        try
        {
            return stream.Length;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Closes the channel without waiting for the far side.</summary>
    public void Abandon() => DedicatedThread.Run(_command.Dispose);

    /// <summary>A program for a shell that reads it from its standard input: the command with its own input, byte for byte. It is one
    /// compound command, so that a shell that was sent only a part of it runs nothing; and a shell reads it in blocks and without a
    /// process more, where <c>read</c> would take a system call for every byte. It ends with <c>exit</c>, and so with the command's exit
    /// code.</summary>
    internal static string Program(string command, string input)
    {
        var deed = $"eval {ShellQuoting.Quote(command)}";
        if (input.Length == 0)
        {
            return $"{{ {deed} < /dev/null\n}}\nexit\n";
        }

        // A here-document ends in a newline, always.
        if (!input.EndsWith('\n'))
        {
            return $"{{ printf %s {ShellQuoting.Quote(input)} | {deed}\n}}\nexit\n";
        }

        var end = "FJ_BELLOWS_END";
        while (input.Contains(end, StringComparison.Ordinal))
        {
            end += "_";
        }

        return $"{{ {deed} <<'{end}'\n{input}{end}\n}}\nexit\n";
    }
}
