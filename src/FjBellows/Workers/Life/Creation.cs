namespace FjBellows.Workers.Life;

/// <summary>How the instance of a worker comes to be known (invariants W2, W3).</summary>
internal abstract record Creation
{
    private Creation()
    {
    }

    /// <summary>Nothing is under way.</summary>
    internal sealed record None : Creation;

    /// <summary>Its first-boot document is being made.</summary>
    /// <param name="Why">Why it is provisioned.</param>
    internal sealed record Seeding(string Why) : Creation;

    /// <summary>The create call is under way: only its own answer counts.</summary>
    internal sealed record Calling : Creation;

    /// <summary>Whether the create call took effect is not known; the instance is looked for by name.</summary>
    /// <param name="Since">Since when.</param>
    /// <param name="Misses">Listings without it.</param>
    /// <param name="NextAt">When it is looked for again; null while a listing is under way.</param>
    internal sealed record Finding(TimeSpan Since, int Misses, TimeSpan? NextAt) : Creation;

    /// <summary>It must end before it was created.</summary>
    /// <param name="Before">What was under way.</param>
    internal sealed record Unwanted(Creation Before, string Reason) : Creation;
}
