namespace FjBellows.Tests.Sandbox;

/// <summary>A clock that a test sets by hand.</summary>
internal sealed class HandTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
