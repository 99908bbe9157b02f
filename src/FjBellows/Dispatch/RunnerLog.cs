using System.Text;

namespace FjBellows.Dispatch;

/// <summary>Takes a follower's output line by line: passes the runner's log on in bounded lines, keeps its tail, and recognizes the
/// verdict, which is the last line only; a job may print the same words.</summary>
internal sealed class RunnerLog(Action<string>? listener)
{
    /// <summary>The longest line passed on, in characters.</summary>
    public const int LongestLine = 16 * 1024;

    /// <summary>The size of the tail kept, in bytes of UTF-8.</summary>
    public const int TailBytes = 4 * 1024;

    private readonly Queue<string> _tail = new();
    private int _tailBytes;
    private string? _held;

    /// <summary>The verdict's word: an exit code, or <c>-</c>; null while the last line is not one.</summary>
    public string? Verdict => _held?[(DispatchScripts.Verdict.Length + 1)..];

    /// <summary>The last lines of the log.</summary>
    public string Tail => string.Join('\n', _tail);

    /// <summary>Takes one line.</summary>
    /// <param name="line">Without its newline.</param>
    public void Take(string line)
    {
        if (_held is { } held)
        {
            _held = null;
            Pass(held);
        }

        if (line.StartsWith(DispatchScripts.Verdict + " ", StringComparison.Ordinal))
        {
            _held = line;
        }
        else
        {
            Pass(line);
        }
    }

    private void Pass(string line)
    {
        var bounded = line.Length <= LongestLine ? line : string.Concat(line.AsSpan(0, LongestLine), "…");
        listener?.Invoke(bounded);
        var kept = LastBytes(bounded);
        _tail.Enqueue(kept);
        _tailBytes += Encoding.UTF8.GetByteCount(kept) + 1;
        while (_tailBytes > TailBytes + 1)
        {
            _tailBytes -= Encoding.UTF8.GetByteCount(_tail.Dequeue()) + 1;
        }
    }

    private static string LastBytes(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        if (bytes.Length <= TailBytes)
        {
            return line;
        }

        var start = bytes.Length - TailBytes;
        while (start < bytes.Length && (bytes[start] & 0xC0) == 0x80)
        {
            start++;
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(start));
    }
}
