namespace FjBellows.Forgejo;

/// <summary>One thing that <see cref="ForgejoClient.CheckAsync"/> looked at.</summary>
/// <param name="Grade">How it stands.</param>
/// <param name="Message">A sentence for the operator: what was found and, where it is not well, what to do.</param>
public sealed record ForgejoFinding(ForgejoGrade Grade, string Message);

/// <summary>How a finding stands.</summary>
public enum ForgejoGrade
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, and an operator should look at it.</summary>
    Warning,

    /// <summary>Pools will not work with it.</summary>
    Error,
}
