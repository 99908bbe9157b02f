using FjBellows.Dispatch;

namespace FjBellows.Workers.Life;

/// <summary>A process that the journal does not know.</summary>
/// <param name="Dispatch">Its dispatch.</param>
/// <param name="Kills">SIGKILLs that the worker confirmed.</param>
/// <param name="NextAt">When the next SIGKILL is due; null while its time runs.</param>
/// <param name="InspectAt">When the worker is asked next whether it lives.</param>
internal sealed record Stray(DispatchId Dispatch, int Kills, TimeSpan? NextAt, TimeSpan InspectAt)
{
    /// <summary>True once Forgejo said that its registration is gone: its job was stopped, or has ended.</summary>
    public bool IsStopped { get; init; }
}
