namespace FjBellows.Daemon.Configuration;

/// <summary>A text of a list with its place.</summary>
/// <param name="Mark">Where it stands.</param>
internal sealed record PlacedText(string Text, Mark Mark);
