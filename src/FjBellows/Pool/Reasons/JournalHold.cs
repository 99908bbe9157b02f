namespace FjBellows.Pool;

/// <summary>What the journal's health holds up in a pool.</summary>
internal static class JournalHold
{
    extension(JournalHealth health)
    {
        /// <summary>Why nothing is provisioned or dispatched; null while the store takes records.</summary>
        public WaitReason.JournalUnavailable? Hold => health.Phase == JournalPhase.RefusedStore
            ? new WaitReason.JournalUnavailable(health.RetryAt, health.Cause)
            : null;
    }
}
