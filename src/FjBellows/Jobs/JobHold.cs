namespace FjBellows.Jobs;

/// <summary>Why a job that Forgejo lists as waiting is handed to no runner of the scope (invariant J14). A concurrency group is another
/// reason, which no answer of Forgejo tells.</summary>
public enum JobHold
{
    /// <summary>Actions are switched off in its repository.</summary>
    ActionsOff,

    /// <summary>Its repository belongs to another owner now, whose runners get it.</summary>
    Transferred,
}
