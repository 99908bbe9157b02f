namespace FjBellows.Parts;

/// <summary>
/// Names what a test needs beside the .NET SDK. Where a part is missing, the test is skipped with the package to install, or fails when the
/// environment variable CI is set. Stands on a test, on a class of tests, or on a fixture: everything that uses the fixture needs its parts
/// too.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class NeedsAttribute(params Part[] parts) : Attribute
{
    /// <summary>What is needed.</summary>
    public IReadOnlyList<Part> Parts { get; } = parts;
}
