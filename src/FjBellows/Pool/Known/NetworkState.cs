namespace FjBellows.Pool;

/// <summary>What the provider keeps around the workers, as far as it concerns decisions. Pure.</summary>
internal sealed record NetworkState
{
    /// <summary>The provider keeps nothing.</summary>
    public static NetworkState None { get; } = new();

    /// <summary>True where the provider keeps something.</summary>
    public bool IsManaged { get; init; }

    /// <summary>True when it was made.</summary>
    public bool Exists { get; init; }

    /// <summary>True while workers need it.</summary>
    public bool Wanted { get; init; }

    /// <summary>True once nothing of it is left.</summary>
    public bool Released { get; init; }

    /// <summary>Removals tried in a row.</summary>
    public int Releases { get; init; }

    /// <summary>Why the last removal failed.</summary>
    public string? ReleaseError { get; init; }

    /// <summary>Failures to make it in a row.</summary>
    public ProvisioningBackoff Making { get; init; } = ProvisioningBackoff.Open;

    /// <summary>Why nothing is provisioned for want of it; null when that is not so. One that exists is unchanged by a failed
    /// refresh.</summary>
    public ProvisioningHold.NetworkUnavailable? Hold => !Exists && Making.Last is { } last
        ? new ProvisioningHold.NetworkUnavailable(last.RetryAt, Message)
        : null;

    /// <summary>What the last failure to make it said.</summary>
    public string Message { get; init; } = "";

    /// <summary>True while a stop that deletes the workers has something left to delete around them.</summary>
    public bool IsPending => IsManaged && !Released && ReleaseError is null;
}
