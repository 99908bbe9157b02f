namespace FjBellows.Parts;

/// <summary>A part that a test needs is missing where none may be.</summary>
/// <param name="message">Which, and how to get it.</param>
public sealed class PartMissingException(string message) : Exception(message);
