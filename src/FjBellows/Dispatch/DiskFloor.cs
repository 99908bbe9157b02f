namespace FjBellows.Dispatch;

/// <summary>How much disk must be free where jobs work. The smaller of both figures counts.</summary>
/// <param name="Bytes">Free bytes.</param>
/// <param name="Percent">Free share of the file system, 0 to 100.</param>
public sealed record DiskFloor(long Bytes, int Percent)
{
    /// <summary>10 % or 5 GiB, whichever is less.</summary>
    public static DiskFloor Default { get; } = new(5L << 30, 10);
}
