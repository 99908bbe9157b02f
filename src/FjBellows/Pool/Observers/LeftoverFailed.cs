namespace FjBellows.Pool;

/// <summary>Something could not be cleaned up: by-products of deleted instances, registrations, old history.</summary>
/// <param name="What">In a few words, for the log.</param>
internal sealed record LeftoverFailed(string What, string Error);
