namespace FjBellows.Providers;

/// <summary>Beside <see cref="ICloudProvider"/>, where a cloud counts requests: how many may still be sent.</summary>
public interface IRequestBudget
{
    /// <summary>Each kind of request that is counted.</summary>
    IReadOnlyList<RequestsLeft> Left { get; }
}

/// <summary>What is left of one budget.</summary>
/// <param name="Kind">The kind of request, a word.</param>
/// <param name="Left">How many may be sent now.</param>
/// <param name="Limit">How many may be sent in a window.</param>
public sealed record RequestsLeft(string Kind, int Left, int Limit);
