using FjBellows.Dispatch;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A <c>one-job</c> process on a virtual machine: it fetches its task from the virtual Forgejo, runs as long as the job says, and reports.</summary>
public sealed class VirtualProcess
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(8);

    private readonly VirtualClock _clock;
    private readonly ForgeState _forge;
    private readonly VirtualSignal<bool> _ended;
    private ForgeAssignment? _task;

    internal VirtualProcess(VirtualClock clock, ForgeState forge, JobLaunch launch)
    {
        _clock = clock;
        _forge = forge;
        Launch = launch;
        _ended = new VirtualSignal<bool>(clock);
        StartedAt = clock.Now;
        _clock.Schedule(TimeSpan.FromMilliseconds(100), Fetch);
    }

    /// <summary>What it was told to run.</summary>
    public JobLaunch Launch { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When it ended; null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Its exit code; null while it lives and when it vanished.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The job it was given; null when it was given none.</summary>
    public long? JobId => _task?.Job.Id;

    /// <summary>True while it lives.</summary>
    public bool Alive => EndedAt is null;

    /// <summary>True once what it left was cleaned up.</summary>
    public bool Cleaned { get; internal set; }

    /// <summary>True when it ignores a request to end, as a hung step does.</summary>
    public bool IgnoresTerm { get; set; }

    internal VirtualSignal<bool> Ended => _ended;

    /// <summary>Ends it without an exit code, as a reboot or an out-of-memory kill does.</summary>
    public void Vanish() => End(null);

    /// <summary>Ends it as a signal from its own worker does; what watches it writes down the code that a shell gives that.</summary>
    /// <param name="signal">The signal's number.</param>
    public void DieOf(int signal) => End(128 + signal);

    internal void Signal(RunnerSignal signal)
    {
        if (signal == RunnerSignal.Kill)
        {
            End(null);
        }
        else if (!IgnoresTerm && Alive)
        {
            Report(ForgeJobStatus.Failure);
            End(0);
        }
    }

    private void Fetch()
    {
        if (!Alive)
        {
            return;
        }

        try
        {
            _forge.Declare(Launch.Uuid, Launch.Token.Reveal(), "v12.10.1", [.. Launch.Labels.Select(l => l.Split(':')[0])]);
            _task = _forge.Fetch(Launch.Uuid, Launch.Token.Reveal(), null, 0, Launch.Handle).Task;
        }
        catch (ForgeRefusedException)
        {
            End(1);
            return;
        }

        if (_task is not { } task)
        {
            End(2);
            return;
        }

        _clock.Schedule(TimeSpan.Parse(task.Payload, System.Globalization.CultureInfo.InvariantCulture), () =>
        {
            if (Alive)
            {
                Report(ForgeJobStatus.Success);
                End(0);
            }
        });
        KeepReporting();
    }

    private void KeepReporting() => _clock.Schedule(ReportEvery, () =>
    {
        if (Alive)
        {
            Report(ForgeJobStatus.Running);
            KeepReporting();
        }
    });

    /// <summary>A cancelled job's runner is unknown to Forgejo; the real one only warns and runs on.</summary>
    private void Report(ForgeJobStatus status)
    {
        try
        {
            _forge.UpdateTask(Launch.Uuid, Launch.Token.Reveal(), _task?.Id ?? 0, status);
        }
        catch (ForgeRefusedException)
        {
            // Its row is gone: nobody listens any more.
        }
    }

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
