namespace FjBellows.Journal;

/// <summary>Why the journal cannot be used.</summary>
public enum JournalErrorKind
{
    /// <summary>The settings cannot be read.</summary>
    Settings,

    /// <summary>The database cannot be reached or refuses this user.</summary>
    Unreachable,

    /// <summary>The directory, the file or the disk takes no writes.</summary>
    Unwritable,

    /// <summary>The file is no intact database, or lacks what the journal's safety rests on.</summary>
    Corrupt,

    /// <summary>A newer version wrote it.</summary>
    Newer,

    /// <summary>It belongs to other pools, another account or another Forgejo than the configuration says.</summary>
    OtherOwner,
}

/// <summary>The journal cannot be used. The message says where it is, what is wrong and what to do; it never holds a password.</summary>
public sealed class JournalException : Exception
{
    /// <summary>A failure with all that is known of it.</summary>
    /// <param name="kind">What sort of failure.</param>
    /// <param name="message">A sentence for the operator.</param>
    /// <param name="innerException">The cause, if any.</param>
    public JournalException(JournalErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What sort of failure.</summary>
    public JournalErrorKind Kind { get; }
}
