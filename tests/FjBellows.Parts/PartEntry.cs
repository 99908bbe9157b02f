namespace FjBellows.Parts;

/// <summary>How one part is found, and what to do where it is missing.</summary>
/// <param name="Name">What people call it; of a single program, its file name.</param>
/// <param name="Package">Debian's package; null where there is none.</param>
/// <param name="Find">Looks for it. Called once.</param>
internal sealed record PartEntry(string Name, string? Package, Func<bool> Find)
{
    private readonly Lazy<bool> _isThere = new(Find);

    /// <summary>What to do where it is missing, when that is not the installation of the package.</summary>
    public string? Hint { get; init; }

    /// <summary>What it needs itself.</summary>
    public IReadOnlyList<Part> Also { get; init; } = [];

    public bool IsThere => _isThere.Value;

    public string Advice => Hint ?? $"apt-get install {Package}";

    public override string ToString() => $"{Package ?? Name} ({Advice})";
}
