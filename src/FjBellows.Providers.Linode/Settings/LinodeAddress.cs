namespace FjBellows.Providers.Linode;

/// <summary>Which address of a worker the daemon dials.</summary>
public enum LinodeAddress
{
    /// <summary>The public one.</summary>
    Public,

    /// <summary>The one inside the VPC: the daemon must be inside too, or routed to it.</summary>
    Vpc,
}
