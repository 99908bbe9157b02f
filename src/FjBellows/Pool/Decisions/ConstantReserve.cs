namespace FjBellows.Pool;

/// <summary>The same reserve at all times.</summary>
/// <param name="count">How many idle workers.</param>
internal sealed class ConstantReserve(int count) : IReserveSchedule
{
    private readonly Reserve _reserve = new(count, DateTimeOffset.MaxValue, "at all times (scale.min_idle)");

    /// <inheritdoc />
    public Reserve At(DateTimeOffset now) => _reserve;
}
