namespace FjBellows.Providers.Linode;

/// <summary>A place to create a worker in.</summary>
/// <param name="Region">The region's id.</param>
/// <param name="Type">The plan's id.</param>
public sealed record LinodePlacement(string Region, string Type)
{
    /// <inheritdoc />
    public override string ToString() => $"{Region}/{Type}";
}
