using FjBellows.Sandbox.Forge;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A runner's way to Forgejo. A call needs time in each direction, and the way may end between its effect and its
/// answer.</summary>
/// <param name="clock">The world's clock.</param>
/// <param name="forge">The far end.</param>
internal sealed class RunnerLine(VirtualClock clock, ForgeState forge)
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(20);

    // The session's keepalive ends a silent connection after that long.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Asked whenever something is to pass: why nothing does, null when it does.</summary>
    public Func<LineState> State { get; init; } = () => LineState.Up;

    /// <summary>Asked on every call, by its name (declare, fetch, report): true loses the answer after the call was carried out.</summary>
    public Func<string, bool>? LosesAnswer { get; init; }

    /// <summary>True for a handle whose job is listed and never handed out.</summary>
    public Func<string, bool>? Withholds { get; init; }

    /// <summary>Calls Forgejo.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="name">The call's name.</param>
    /// <param name="call">What Forgejo does.</param>
    /// <param name="answered">Takes the answer.</param>
    /// <param name="failed">Takes what went wrong, and whether Forgejo itself refused.</param>
    public void Call<T>(string name, Func<ForgeState, T> call, Action<T> answered, Action<string, bool> failed)
    {
        if (Stopped(failed))
        {
            return;
        }

        clock.Schedule(OneWay, () =>
        {
            if (Stopped(failed))
            {
                return;
            }

            Action back;
            try
            {
                var answer = call(forge);
                back = LosesAnswer?.Invoke(name) == true ? () => failed("unexpected EOF", false) : () => answered(answer);
            }
            catch (ForgeRefusedException e)
            {
                back = () => failed(e.Message, true);
            }

            clock.Schedule(OneWay, () =>
            {
                if (!Stopped(failed))
                {
                    back();
                }
            });
        });
    }

    /// <summary>A report on the way that no one waits for: it arrives at once or not at all.</summary>
    /// <param name="call">What Forgejo does.</param>
    public bool Tell(Action<ForgeState> call)
    {
        if (State() != LineState.Up)
        {
            return false;
        }

        try
        {
            call(forge);
            return true;
        }
        catch (ForgeRefusedException)
        {
            // Its row is gone: no one listens any more, and the runner only warns.
            return false;
        }
    }

    private bool Stopped(Action<string, bool> failed)
    {
        switch (State())
        {
            case LineState.Refused:
                clock.Post(() => failed("connection refused", false));
                return true;
            case LineState.Silent:
                clock.Schedule(Silence, () => failed("connection reset by peer", false));
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Whether anything passes between a runner and Forgejo.</summary>
internal enum LineState
{
    /// <summary>Everything passes.</summary>
    Up,

    /// <summary>Connections are refused at once.</summary>
    Refused,

    /// <summary>Nothing comes back, and no one says so.</summary>
    Silent,
}
