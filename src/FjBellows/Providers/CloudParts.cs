namespace FjBellows.Providers;

/// <summary>The optional parts of a provider; null where it has none. The pool reads them from here and never casts a provider, so that a
/// provider may be wrapped.</summary>
public sealed record CloudParts
{
    /// <summary>No optional part.</summary>
    public static CloudParts None { get; } = new();

    /// <summary>A firewall, network or group that is kept around the workers.</summary>
    public IManagedNetwork? Network { get; init; }

    /// <summary>Tells before the first create whether the settings will work.</summary>
    public IAccountCheck? Account { get; init; }

    /// <summary>How many requests may still be sent.</summary>
    public IRequestBudget? Budget { get; init; }

    /// <summary>The time by the cloud's clock.</summary>
    public ICloudTime? Time { get; init; }

    /// <summary>Puts a clean image onto an instance that exists.</summary>
    public IInstanceRebuild? Rebuild { get; init; }

    /// <summary>Deletes by-products of instances that are gone.</summary>
    public ILeftovers? Leftovers { get; init; }
}
