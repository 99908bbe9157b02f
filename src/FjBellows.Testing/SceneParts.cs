namespace FjBellows.Testing;

/// <summary>What a provider does beyond create, list, get and delete, as the class of its contract declares it.</summary>
[Flags]
public enum SceneParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It carries a first-boot document.</summary>
    FirstBoot = 1,

    /// <summary>It checks its settings.</summary>
    Account = 2,

    /// <summary>It puts a clean image onto an instance.</summary>
    Rebuild = 4,

    /// <summary>It keeps a firewall or network around its workers.</summary>
    Network = 8,

    /// <summary>It counts its requests.</summary>
    Budget = 16,

    /// <summary>It deletes by-products of instances that are gone.</summary>
    Leftovers = 32,

    /// <summary>Its answers tell the cloud's time.</summary>
    Time = 64,
}
