namespace FjBellows.Jobs;

/// <summary>What became of a job, as Forgejo has it: a runner's exit code does not tell (invariant J10).</summary>
public interface IJobResults
{
    /// <summary>How an attempt of a job stands.</summary>
    /// <param name="job">The attempt, with the task that ran it where the queue showed one.</param>
    /// <returns>Its result; null where Forgejo cannot be asked for it: its repository's name, or before version 16 its task, is not
    /// known.</returns>
    /// <exception cref="ForgejoException">Forgejo refused or could not be asked. <see cref="ForgejoErrorKind.Unauthorized"/>: the token may
    /// not read repositories.</exception>
    Task<JobResult?> ResultAsync(QueuedJob job, CancellationToken cancellationToken);
}

/// <summary>How an attempt of a job stands in Forgejo.</summary>
public enum JobResult
{
    /// <summary>It waits or runs.</summary>
    Open,

    /// <summary>It passed.</summary>
    Success,

    /// <summary>It failed, or Forgejo gave its silent runner up.</summary>
    Failure,

    /// <summary>It was cancelled, by a person, a newer run or a time limit.</summary>
    Cancelled,

    /// <summary>Its condition or a failed need kept it from running.</summary>
    Skipped,

    /// <summary>A word that this version does not know.</summary>
    Unknown,
}
