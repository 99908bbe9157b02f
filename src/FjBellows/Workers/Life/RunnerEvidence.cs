namespace FjBellows.Workers.Life;

/// <summary>What Forgejo says of a dispatch's registration.</summary>
internal sealed record RunnerEvidence
{
    /// <summary>True once it was seen active: a task ran.</summary>
    public bool Active { get; init; }

    /// <summary>When the request left that first found it gone; null while it exists.</summary>
    public TimeSpan? GoneSince { get; init; }

    /// <summary>Answers in a row that show the job waiting, or over, and the runner never active.</summary>
    public int UnassignedAnswers { get; init; }

    /// <summary>True once the job was seen assigned while the runner's polls were not answered: it may be the runner that never heard of it
    /// (J17).</summary>
    public bool Stranded { get; init; }

    /// <summary>When it is asked for next; null while a request is under way.</summary>
    public TimeSpan? NextAt { get; init; }

    /// <summary>Requests that failed in a row.</summary>
    public int Failures { get; init; }
}
