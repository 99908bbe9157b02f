namespace FjBellows.Providers;

/// <summary>What the cloud says of an instance's state, as far as the pool cares.</summary>
public enum InstanceStatus
{
    /// <summary>Being made or booting.</summary>
    Starting,

    /// <summary>Up, as far as the cloud can tell.</summary>
    Running,

    /// <summary>Off; most clouds bill it all the same.</summary>
    Stopped,

    /// <summary>On its way out.</summary>
    Deleting,

    /// <summary>A word this version does not know; treated as alive.</summary>
    Unknown,
}
