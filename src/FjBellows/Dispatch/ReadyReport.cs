namespace FjBellows.Dispatch;

/// <summary>The form of the file in which a worker's bootstrap says how it went: its first line is one of these words, the rest is the
/// tail of the boot log. It is written under another name and moved into place, so that a reader never sees half of it. Invariant
/// W4.</summary>
internal static class ReadyReport
{
    /// <summary>Every step of the bootstrap succeeded.</summary>
    public const string Ok = "ok";

    /// <summary>A step failed, and waiting longer is useless.</summary>
    public const string Failed = "failed";

    /// <summary>Where the file lies by default.</summary>
    public const string DefaultPath = "/run/fj-bellows/ready";
}
