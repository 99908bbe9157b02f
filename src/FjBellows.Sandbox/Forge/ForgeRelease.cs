namespace FjBellows.Sandbox.Forge;

/// <summary>The Forgejo versions that the stand-in can be.</summary>
public enum ForgeRelease
{
    /// <summary>Forgejo 15: jobs are handed out by age; nothing about runs but listing and starting them.</summary>
    Forgejo15,

    /// <summary>Forgejo 16: jobs name their run, runs have jobs, logs and a cancel, a run's priority goes before age, and <c>if: false</c>
    /// is decided by the server.</summary>
    Forgejo16,
}
