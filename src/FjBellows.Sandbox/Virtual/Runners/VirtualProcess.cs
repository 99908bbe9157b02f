using System.Globalization;
using FjBellows.Dispatch;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A <c>one-job</c> process on a virtual machine: it fetches its task, runs as long as the job says, and delivers the result, each
/// over a way to Forgejo that may be away.</summary>
public sealed class VirtualProcess
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(8);

    // So soon after an answer without a task the next request is surely away.
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(6);

    private readonly VirtualClock _clock;
    private readonly RunnerLine _line;
    private readonly RunnerTraits _traits;
    private readonly VirtualSignal<bool> _ended;
    private readonly VirtualSignal<bool> _forged;
    private int? _forgedExit;
    private readonly VirtualLog _log = new();
    private ForgeAssignment? _task;
    private DateTimeOffset? _answeredAt;
    private DateTimeOffset? _emptyAt;

    internal VirtualProcess(VirtualClock clock, ForgeState forge, JobLaunch launch)
        : this(clock, new RunnerLine(clock, forge), RunnerTraits.Plain, launch)
    {
    }

    internal VirtualProcess(VirtualClock clock, RunnerLine line, RunnerTraits traits, JobLaunch launch)
    {
        (_clock, _line, _traits, Launch) = (clock, line, traits, launch);
        _ended = new VirtualSignal<bool>(clock);
        _forged = new VirtualSignal<bool>(clock);
        StartedAt = LastHeardAt = clock.Now;
        _clock.Schedule(TimeSpan.FromMilliseconds(100), Declare);
    }

    /// <summary>What it was started to run.</summary>
    public JobLaunch Launch { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When it ended; null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Its exit code; null while it lives and when it vanished.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The job it was given; null when it was given none.</summary>
    public long? JobId => _task?.Job.Id;

    /// <summary>True once the answer to its fetch was lost: Forgejo may have assigned a job to it that it does not know of.</summary>
    public bool LostFetch { get; private set; }

    /// <summary>How its job ended in truth, whatever was reported to Forgejo; null while it runs and when something ended it.</summary>
    public ForgeJobStatus? Result { get; private set; }

    /// <summary>When its job's steps were over; null before.</summary>
    public DateTimeOffset? DoneAt { get; private set; }

    /// <summary>When Forgejo last heard of it.</summary>
    public DateTimeOffset LastHeardAt { get; private set; }

    /// <summary>True once it has given up delivering its result: it then exits with 0 all the same.</summary>
    public bool ResultLost { get; private set; }

    /// <summary>True while it lives.</summary>
    public bool Alive => EndedAt is null;

    /// <summary>True once what it left was cleaned up.</summary>
    public bool Cleaned { get; internal set; }

    /// <summary>True when it ignores a request to end, as a hung step does.</summary>
    public bool IgnoresTerm { get; set; }

    /// <summary>True when even a kill does not end it, as for a process in an uninterruptible wait. Its machine's end does.</summary>
    public bool IgnoresKill { get; set; }

    /// <summary>An exit code that its job wrote where the worker keeps such codes; null where it did not. The process goes on.</summary>
    public int? ForgedExit
    {
        get => _forgedExit;
        set
        {
            _forgedExit = value;
            _forged.Set(true);
        }
    }

    /// <summary>True while it lives as far as its worker's files say.</summary>
    public bool SeemsAlive => Alive && ForgedExit is null;

    internal VirtualSignal<bool> Ended => _ended;

    internal VirtualSignal<bool> Forged => _forged;

    internal VirtualLog Log => _log;

    /// <summary>Ends it without an exit code, as a reboot or an out-of-memory kill does.</summary>
    public void Vanish() => End(null);

    /// <summary>Ends it as a signal from its own worker does; what watches it writes down the code that a shell gives that.</summary>
    /// <param name="signal">The signal's number.</param>
    public void DieOf(int signal) => End(128 + signal);

    internal void Signal(RunnerSignal signal)
    {
        if (signal == RunnerSignal.Kill)
        {
            if (!IgnoresKill)
            {
                End(null);
            }
        }
        else if (!IgnoresTerm && Alive)
        {
            if (_task is null)
            {
                End(0); // It waited, or was about to ask.
            }
            else if (DoneAt is null)
            {
                Finish(ForgeJobStatus.Failure, inTruth: null);
            }
        }
    }

    /// <summary>Ends its wait for a task between two of its polls, as the script on a worker does that reads its log.</summary>
    internal WaitEnd EndWait()
    {
        if (!Alive || _task is not null || _emptyAt is not { } empty || _clock.Now - empty > BetweenPolls)
        {
            return !Alive ? WaitEnd.NotRunning
                : _task is not null ? WaitEnd.HasTask
                : _emptyAt is null ? WaitEnd.Unanswered : WaitEnd.TooLate;
        }

        Signal(RunnerSignal.Terminate);
        return WaitEnd.Ended;
    }

    private void Declare()
    {
        if (!Alive)
        {
            return;
        }

        _log.Write("level=info msg=\"Starting job\"");
        string[] labels = [.. Launch.Labels.Select(l => l.Split(':')[0])];
        _line.Call(
            "declare",
            forge => forge.Declare(Launch.Uuid, Launch.Token.Reveal(), "v12.10.1", labels),
            _ =>
            {
                _log.Write("level=info msg=\"single task poller launched\"");
                Fetch(Launch.Uuid + "-1", 1);
            },
            (why, _) =>
            {
                // It is not retried, with --wait neither.
                _log.Write($"level=error msg=\"fail to invoke Declare\" error=\"{why}\"");
                End(1);
            });
    }

    private void Fetch(string key, int asked)
    {
        if (!Alive)
        {
            return;
        }

        _emptyAt = null;
        _line.Call(
            "fetch",
            forge => _line.Withholds?.Invoke(Launch.Handle) == true
                ? null
                : forge.Fetch(Launch.Uuid, Launch.Token.Reveal(), key, 0, Launch.Handle).Task,
            task =>
            {
                if (!Alive)
                {
                    return;
                }

                if (task is not null)
                {
                    Run(task);
                    return;
                }

                _answeredAt ??= _clock.Now;
                _emptyAt = _clock.Now;
                if (!_traits.Waits || (_traits.EndsWaitAfter is { } patience && _clock.Now - _answeredAt >= patience))
                {
                    _log.Write("Error: no task received");
                    End(2);
                    return;
                }

                _log.Write("level=info msg=\"received no task from the server, trying again\"");
                _clock.Schedule(_traits.FetchInterval, () => Fetch($"{Launch.Uuid}-{asked + 1}", asked + 1));
            },
            (why, refused) =>
            {
                if (!Alive)
                {
                    return;
                }

                LostFetch |= !refused;
                _log.Write($"level=error msg=\"failed to fetch task\" error=\"{why}\"");
                if (_traits.Waits)
                {
                    _clock.Schedule(_traits.FetchInterval, () => Fetch(key, asked));
                }
                else
                {
                    _log.Write("Error: no task received");
                    End(2);
                }
            });
    }

    private void Run(ForgeAssignment task)
    {
        _task = task;
        LastHeardAt = _clock.Now;
        _log.Write($"level=info msg=\"single task poller successfully fetched one task\" task={task.Id} repo={task.Job.Repository}");
        _clock.Schedule(TimeSpan.Parse(task.Payload, CultureInfo.InvariantCulture), () =>
        {
            if (Alive && DoneAt is null)
            {
                Finish(ForgeJobStatus.Success, ForgeJobStatus.Success);
            }
        });
        KeepReporting();
    }

    private void KeepReporting() => _clock.Schedule(ReportEvery, () =>
    {
        if (Alive && DoneAt is null)
        {
            if (_line.Tell(forge => forge.UpdateTask(Launch.Uuid, Launch.Token.Reveal(), _task!.Id, ForgeJobStatus.Running)))
            {
                LastHeardAt = _clock.Now;
            }

            KeepReporting();
        }
    });

    private void Finish(ForgeJobStatus reported, ForgeJobStatus? inTruth)
    {
        DoneAt = _clock.Now;
        Result = inTruth;
        Deliver(reported, 1);
    }

    /// <summary>A result that cannot be delivered is tried again, as is one that Forgejo refuses because the runner's row is
    /// gone.</summary>
    private void Deliver(ForgeJobStatus result, int attempt) => _line.Call(
        "report",
        forge => forge.UpdateTask(Launch.Uuid, Launch.Token.Reveal(), _task!.Id, result),
        _ =>
        {
            LastHeardAt = _clock.Now;
            End(0);
        },
        (why, _) =>
        {
            if (!Alive)
            {
                return;
            }

            if (attempt >= _traits.Retry.Attempts)
            {
                ResultLost = true;
                _log.Write($"level=error msg=\"unable to send final job logs and status: All attempts fail: {why}\"");
                End(0);
                return;
            }

            _clock.Schedule(_traits.Retry.PauseAfter(attempt), () =>
            {
                if (Alive)
                {
                    Deliver(result, attempt + 1);
                }
            });
        });

    private void End(int? exitCode)
    {
        if (Alive)
        {
            ExitCode = exitCode;
            EndedAt = _clock.Now;
            _ended.Set(true);
        }
    }
}
