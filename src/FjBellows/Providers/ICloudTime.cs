namespace FjBellows.Providers;

/// <summary>Beside <see cref="ICloudProvider"/>, where a cloud's answers tell its time (HTTP's <c>Date</c>): creation times are compared
/// with this host's clock by it (invariant B8).</summary>
public interface ICloudTime
{
    /// <summary>The cloud's clock at its last answer, in whole seconds; null before the first.</summary>
    DateTimeOffset? LastAnswer { get; }
}
