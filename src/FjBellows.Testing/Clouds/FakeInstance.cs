namespace FjBellows.Testing.Clouds;

/// <summary>An instance of a fake cloud.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Type">What it is.</param>
/// <param name="Created">When it was created.</param>
/// <param name="Marks">Its tags, or the values of its labels by their keys.</param>
public sealed record FakeInstance(
    long Id, string Name, string Place, string Type, DateTimeOffset Created, IReadOnlyDictionary<string, string> Marks)
{
    /// <summary>The first-boot document; null when none was sent.</summary>
    public string? UserData { get; init; }

    /// <summary>The vendor's word for its state; null to follow the clock.</summary>
    public string? HeldStatus { get; init; }

    /// <summary>When its deletion was accepted.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>How often it was rebuilt.</summary>
    public int Rebuilt { get; init; }
}
