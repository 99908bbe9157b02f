namespace FjBellows.Providers;

/// <summary>The cloud's id of an instance, as text whatever the cloud's own type. It is opaque and stable for the instance's life; a cloud
/// that finds instances only within a zone writes the zone into it.</summary>
/// <param name="Value">The id.</param>
public readonly record struct InstanceId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}
