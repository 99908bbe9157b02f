namespace FjBellows.Providers;

/// <summary>How a finding of a check weighs.</summary>
public enum FindingLevel
{
    /// <summary>As it should be, or good to know.</summary>
    Ok,

    /// <summary>It will work, but not as well or as long as it could.</summary>
    Warning,

    /// <summary>No worker can be created like this.</summary>
    Error,
}

/// <summary>One thing a check found out about the account.</summary>
/// <param name="Level">How it weighs.</param>
/// <param name="Subject">What was looked at, such as <c>region</c> or <c>token</c>.</param>
/// <param name="Message">A sentence for the operator: what was found and, where it is not well, what to do.</param>
public sealed record AccountFinding(FindingLevel Level, string Subject, string Message);

/// <summary>A provider that can tell beforehand whether its settings will work. <c>fj-bellows check</c> asks it; nothing is changed in the
/// account.</summary>
public interface IAccountCheck
{
    /// <summary>Looks at the account, read-only. What cannot be asked becomes a finding, not an exception.</summary>
    Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken);
}
