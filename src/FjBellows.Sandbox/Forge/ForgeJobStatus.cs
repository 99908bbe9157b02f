namespace FjBellows.Sandbox.Forge;

/// <summary>Where a job of the stand-in stands; the words are Forgejo's.</summary>
public enum ForgeJobStatus
{
    /// <summary>Its <c>needs</c> are not done yet; not listed.</summary>
    Blocked,

    /// <summary>Listed, free to be fetched unless its concurrency group is taken.</summary>
    Waiting,

    /// <summary>A runner has it.</summary>
    Running,

    /// <summary>Its runner reported success.</summary>
    Success,

    /// <summary>Its runner reported failure, or fell silent for too long.</summary>
    Failure,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>A job it needs did not succeed.</summary>
    Skipped,
}
