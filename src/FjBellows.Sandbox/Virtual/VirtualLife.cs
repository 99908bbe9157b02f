namespace FjBellows.Sandbox.Virtual;

/// <summary>One run of a program in a virtual world, from its start to its end or its <c>kill -9</c>.</summary>
public sealed class VirtualLife
{
    private readonly List<Action> _held = [];

    /// <summary>True once nothing of it may run any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>By how much its wall clock is wrong.</summary>
    public TimeSpan WallOffset { get; set; }

    /// <summary>True while its host is suspended.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>How long its host was suspended in all, up to the last resumption: by that much its monotonic clock is behind the
    /// world's.</summary>
    public TimeSpan Slept { get; private set; }

    /// <summary>When the present suspension began, as time since the world's start.</summary>
    internal TimeSpan AsleepAt { get; private set; }

    /// <summary>Ends it between two work items, as <c>kill -9</c> does.</summary>
    public void End() => IsOver = true;

    internal void Sleep(TimeSpan now)
    {
        if (!IsAsleep)
        {
            (IsAsleep, AsleepAt) = (true, now);
        }
    }

    internal IReadOnlyList<Action> Wake(TimeSpan now)
    {
        if (!IsAsleep)
        {
            return [];
        }

        Slept += now - AsleepAt;
        IsAsleep = false;
        Action[] held = [.. _held];
        _held.Clear();
        return held;
    }

    internal void Hold(Action work) => _held.Add(work);
}
