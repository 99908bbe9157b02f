namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/provider</c>: where one pool's workers come from.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Billing">How time is billed.</param>
/// <param name="Tag">The tag that marks the pool's instances.</param>
/// <param name="Owner">The owner identity that marks them.</param>
/// <param name="MaxUserDataBytes">The largest first-boot document that it takes.</param>
/// <param name="AcceptsGzip">True when that document may be compressed.</param>
/// <param name="ManagesNetwork">True when it keeps a firewall or network around the workers.</param>
/// <param name="ProvisioningSuspended">Why nothing is provisioned now; null while provisioning is not suspended.</param>
/// <param name="Instances">How fresh the listing of its instances is; null while the pool does not answer.</param>
/// <param name="ForeignInstances">Instances with our tag and another owner, at the last listing.</param>
public sealed record ProviderInfo(
    string Pool,
    string Provider,
    BillingInfo Billing,
    string Tag,
    string Owner,
    int MaxUserDataBytes,
    bool AcceptsGzip,
    bool ManagesNetwork,
    string? ProvisioningSuspended,
    SourceInfo? Instances,
    int ForeignInstances);
