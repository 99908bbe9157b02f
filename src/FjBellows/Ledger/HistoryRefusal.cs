namespace FjBellows.Ledger;

/// <summary>Why the store of the journal and the history did not take or give a record. Classified once, where the database is
/// known.</summary>
public enum HistoryRefusal
{
    /// <summary>The store works and refuses this record for its content, or holds a record that cannot be read. Every other record is fine:
    /// drop this one with a warning and go on; trying it again ends the same way.</summary>
    Content,

    /// <summary>The store cannot be reached, written or read now: no connection, no space, no permission, damaged. Try again
    /// later.</summary>
    Connection,

    /// <summary>Another process writes the same journal. Stop before the next effect: two daemons must not act for one pool.</summary>
    OtherWriter,
}
