namespace FjBellows.Sandbox.Forge;

/// <summary>A refused call.</summary>
/// <param name="message">Forgejo's own words.</param>
public sealed class ForgeRefusedException(ForgeRefusal reason, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ForgeRefusal Reason { get; } = reason;
}
