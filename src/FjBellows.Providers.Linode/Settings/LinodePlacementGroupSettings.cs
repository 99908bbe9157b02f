namespace FjBellows.Providers.Linode;

/// <summary>The block <c>placement_group</c>: workers are kept on different hosts (<c>anti_affinity:local</c>), one group for each
/// region.</summary>
public sealed record LinodePlacementGroupSettings
{
    /// <summary>Key <c>enforcement</c>.</summary>
    public LinodeEnforcement Enforcement { get; init; } = LinodeEnforcement.Flexible;
}

/// <summary>What happens when the group has no room for one more.</summary>
public enum LinodeEnforcement
{
    /// <summary>The worker is created outside the group, with a warning.</summary>
    Flexible,

    /// <summary>The worker is not created there.</summary>
    Strict,
}
