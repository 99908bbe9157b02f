namespace FjBellows.Setup;

/// <summary>The idle workers wanted at a moment beside those that jobs need.</summary>
/// <param name="Count">How many.</param>
/// <param name="Until">Until when they are wanted.</param>
/// <param name="Why">Which rule wants them, to be read after "are wanted".</param>
public sealed record Reserve(int Count, DateTimeOffset Until, string Why)
{
    /// <summary>None.</summary>
    public static Reserve None { get; } = new(0, DateTimeOffset.MaxValue, "");
}

/// <summary>Says which reserve is wanted when (<c>scale.min_idle</c>, <c>scale.schedule</c>).</summary>
public interface IReserveSchedule
{
    /// <summary>The reserve wanted at a moment; its <see cref="Reserve.Until"/> is when that changes.</summary>
    Reserve At(DateTimeOffset now);
}
