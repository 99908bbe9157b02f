using FjBellows.Providers;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A machine of the virtual cloud: its bill and what runs on it.</summary>
public sealed class VirtualMachine
{
    private readonly Dictionary<string, VirtualProcess> _processes = new(StringComparer.Ordinal);

    internal VirtualMachine(Instance instance, int number, DateTimeOffset madeAt, DateTimeOffset? readyAt)
    {
        Instance = instance;
        Number = number;
        MadeAt = madeAt;
        ReadyAt = readyAt;
    }

    /// <summary>As the cloud lists it; its time of creation is by the cloud's clock.</summary>
    public Instance Instance { get; }

    /// <summary>When it was made in truth: the start of its bill.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>Its number in the order of creation, from 1.</summary>
    public int Number { get; }

    /// <summary>When it can run jobs; null means never.</summary>
    public DateTimeOffset? ReadyAt { get; }

    /// <summary>When it was deleted; null while it exists.</summary>
    public DateTimeOffset? GoneAt { get; private set; }

    /// <summary>True while nothing reaches it.</summary>
    public bool Unreachable { get; set; }

    /// <summary>Why it could take no job now, though it is up; null when it could.</summary>
    public string? Unready { get; set; }

    /// <summary>True when it shows another host key than the one it was born with.</summary>
    public bool WrongHostKey { get; set; }

    /// <summary>Sessions that stand: a runner behind a tunnel reaches Forgejo through one of them.</summary>
    public int Sessions { get; internal set; }

    /// <summary>The runner processes it ever had, by dispatch.</summary>
    public IReadOnlyDictionary<string, VirtualProcess> Processes => _processes;

    internal event Action? Broken;

    internal Action<VirtualProcess>? ProcessStarted { get; set; }

    internal Action<VirtualProcess>? Signalling { get; set; }

    /// <summary>Breaks every open link to it; new ones can be opened unless it is unreachable.</summary>
    public void BreakLinks() => Broken?.Invoke();

    internal void Destroy(DateTimeOffset now)
    {
        GoneAt = now;
        foreach (var process in _processes.Values)
        {
            process.Vanish();
        }

        BreakLinks();
    }

    internal void Add(VirtualProcess process)
    {
        _processes.Add(process.Launch.Dispatch.Value, process);
        ProcessStarted?.Invoke(process);
    }

    internal void Signal(string dispatch, Dispatch.RunnerSignal signal)
    {
        if (_processes.GetValueOrDefault(dispatch) is { } process)
        {
            Signalling?.Invoke(process);
            process.Signal(signal);
        }
    }

    internal Dispatch.WaitEnd EndWait(string dispatch) => _processes.GetValueOrDefault(dispatch)?.EndWait() ?? Dispatch.WaitEnd.NotRunning;

    internal void Clean(string dispatch) => _processes[dispatch].Cleaned = true;
}
