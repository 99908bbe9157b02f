namespace FjBellows.Daemon.Control.Events;

/// <summary>Something with its number.</summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="Number">From 1, growing by one.</param>
/// <param name="Item">The thing.</param>
internal readonly record struct Numbered<T>(long Number, T Item);
