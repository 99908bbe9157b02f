using System.Globalization;
using System.Text;

namespace FjBellows.Dispatch;

/// <summary>What this process has taken of one dispatch's log: passed on in bounded lines, its tail kept. Given to the next
/// <see cref="IWorkerSession.FollowAsync"/> of the same dispatch it goes on where the last one broke off, so that no line is heard
/// twice.</summary>
/// <param name="listener">Takes each line once; called from one thread at a time. Null where no one listens and only the tail is of use.
/// A flood of lines is dropped and counted, and a line of its own says how many.</param>
/// <param name="progressed">Takes what the log says about the runner's search for a task, whenever that changes; called as the listener
/// is.</param>
/// <param name="time">The clock by which lines are counted.</param>
public sealed class RunnerLog(Action<string>? listener, Action<RunnerProgress>? progressed = null, TimeProvider? time = null)
{
    /// <summary>The longest line passed on, in characters.</summary>
    public const int LongestLine = 16 * 1024;

    /// <summary>The size of the tail kept, in bytes of UTF-8.</summary>
    public const int TailBytes = 4 * 1024;

    /// <summary>A line of this length may be a piece of a longer one (<see cref="IWorkerShell.StreamAsync"/>), and is not counted: rather
    /// is a line heard twice than another one never.</summary>
    private const int PieceLength = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<string> _tail = new();
    private readonly LineBudget _budget = new(time ?? TimeProvider.System);
    private int _tailBytes;
    private long _taken;
    private string? _last;
    private Follower? _current;
    private RunnerProgress _progress = RunnerProgress.None;

    /// <summary>What the lines taken so far say about the runner's search for a task; only those of the tail count where no one
    /// listens.</summary>
    public RunnerProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return _progress;
            }
        }
    }

    /// <summary>Lines that were not passed on because there were too many at once.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock)
            {
                return _budget.Dropped;
            }
        }
    }

    /// <summary>True when somebody hears every line.</summary>
    internal bool IsHeard => listener is not null;

    /// <summary>The last lines of the log.</summary>
    internal string Tail
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _tail);
            }
        }
    }

    /// <summary>Begins to take a follower's output. What an earlier one still brings is no longer passed on.</summary>
    internal Follower Attach()
    {
        lock (_lock)
        {
            if (!IsHeard)
            {
                // Nothing but the tail is sent, and that as a whole each time.
                (_taken, _last, _tailBytes) = (0, null, 0);
                _tail.Clear();
            }

            return _current = new Follower(this, _taken);
        }
    }

    private void Pass(Follower from, string line)
    {
        lock (_lock)
        {
            if (from != _current)
            {
                return;
            }

            var bounded = line.Length <= LongestLine ? line : string.Concat(line.AsSpan(0, LongestLine), "…");
            if (line.Length < PieceLength && !Count(from, bounded))
            {
                return;
            }

            if (_progress.After(bounded) is var progress && progress != _progress)
            {
                _progress = progress;
                progressed?.Invoke(progress);
            }

            Keep(bounded);
            if (listener is not null && _budget.Take(bounded.Length, out var missed))
            {
                if (missed > 0)
                {
                    listener(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"… {missed} lines dropped: the job's log is faster than {LineBudget.Rate} lines a second"));
                }

                listener(bounded);
            }
        }
    }

    /// <summary>Counts a whole line; false when it was taken before. The last line is asked for again, since a link may break in its
    /// middle.</summary>
    private bool Count(Follower from, string line)
    {
        var again = from.Repeats;
        from.Repeats = false;
        if (again && line == _last)
        {
            return false;
        }

        _taken += again ? 0 : 1;
        _last = line;
        return true;
    }

    private void Keep(string line)
    {
        var kept = LastBytes(line);
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

    /// <summary>Takes one follower's output line by line and recognizes the verdict, which is the last line only; a job may print the same
    /// words.</summary>
    internal sealed class Follower(RunnerLog log, long taken)
    {
        private string? _held;

        /// <summary>The line that the output is to begin with, counted from 1.</summary>
        public long From => Math.Max(1, taken);

        /// <summary>True until the line came that an earlier follower has taken already.</summary>
        public bool Repeats { get; set; } = taken > 0;

        /// <summary>The verdict's word: an exit code, or <c>-</c>; null while the last line is not one.</summary>
        public string? Verdict => _held?[(DispatchScripts.Verdict.Length + 1)..];

        /// <summary>Takes one line.</summary>
        /// <param name="line">Without its newline.</param>
        public void Take(string line)
        {
            if (_held is { } held)
            {
                _held = null;
                log.Pass(this, held);
            }

            if (line.StartsWith(DispatchScripts.Verdict + " ", StringComparison.Ordinal))
            {
                _held = line;
            }
            else
            {
                log.Pass(this, line);
            }
        }
    }
}
