using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>The few sentences of the product that checks read, because nothing else says what they say.</summary>
internal static class Wording
{
    /// <summary>The cloud was believed that an instance is gone.</summary>
    public const string InstanceDenied = "the cloud no longer has its instance";

    /// <summary>A worker was provisioned for an operator or for the reserve, not for a job.</summary>
    public static bool IsNotForAJob(string message) =>
        message.Contains(": requested by ", StringComparison.Ordinal)
            || (message.Contains(" idle worker", StringComparison.Ordinal) && message.Contains(" wanted ", StringComparison.Ordinal));

    /// <summary>An idle worker drains because its billed time ends.</summary>
    public static bool IsAtTeardownDeadline(WorkerProtocol.DrainStarted drain) =>
        drain.Code is { } code ? code == "teardown_deadline" : drain.Why.StartsWith("idle at ", StringComparison.Ordinal);

    /// <summary>An error that tells of a failed journal.</summary>
    public static bool IsJournalFailure(string error) =>
        error.Contains("(R5)", StringComparison.Ordinal) || error.Contains("journal write failed", StringComparison.Ordinal)
        || error.Contains("could not be read", StringComparison.Ordinal)
        || error.Contains("cannot read the journal", StringComparison.Ordinal)
        || error.Contains("Persistence failure when replaying", StringComparison.Ordinal);
}
