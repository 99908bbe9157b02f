namespace FjBellows.Sandbox.Virtual;

/// <summary>What becomes of one call over a session that itself stands.</summary>
public enum CallFate
{
    /// <summary>It works.</summary>
    Works,

    /// <summary>It fails before anything is done.</summary>
    Fails,

    /// <summary>It is carried out and fails all the same.</summary>
    FailsAfterwards,

    /// <summary>It never answers; nothing is done.</summary>
    Hangs,
}
