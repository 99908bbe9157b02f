namespace FjBellows.Daemon.Configuration;

/// <summary>Where something stands in a file; both numbers count from 1, and 0 means the file as a whole.</summary>
internal readonly record struct Mark(int Line, int Column)
{
    /// <summary>The file as a whole.</summary>
    public static Mark WholeFile => default;
}
