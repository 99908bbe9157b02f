using System.Globalization;

namespace FjBellows.Dispatch;

/// <summary>What a runner's own log says about its search for a task, line by line. It is the runner's word only: a job that can write
/// to the log can write anything there, so nothing is decided on it that Forgejo could be asked instead (invariant J11).</summary>
public sealed record RunnerProgress
{
    private const string NoTask = "received no task";
    private const string Fetched = "fetched one task";
    private const string NotFetched = "failed to fetch task";
    private const string NotReported = "unable to send final job logs and status";

    /// <summary>Nothing was said yet.</summary>
    public static RunnerProgress None { get; } = new();

    /// <summary>True once the runner has declared its labels to Forgejo; before that it asks for no task.</summary>
    public bool Declared { get; init; }

    /// <summary>True once the runner has been given a task.</summary>
    public bool TaskReceived { get; init; }

    /// <summary>Forgejo's number of the task; null while the runner has not named it.</summary>
    public long? TaskId { get; init; }

    /// <summary>How often Forgejo answered, and had no task.</summary>
    public int EmptyAnswers { get; init; }

    /// <summary>How often a request for a task was not answered.</summary>
    public int FailedFetches { get; init; }

    /// <summary>True while the last request for a task has no answer: Forgejo may have assigned the job to this runner all the same
    /// (invariant J7). The runner asks again with the same key when it waits, and never when it does not.</summary>
    public bool LastFetchFailed { get; init; }

    /// <summary>True when the runner gave up delivering the result of its job (invariant J13).</summary>
    public bool ResultUndelivered { get; init; }

    /// <summary>True when Forgejo has answered the last request well and there is no task for this runner.</summary>
    public bool IsWithoutTask => EmptyAnswers > 0 && !TaskReceived && !LastFetchFailed;

    /// <summary>What is known after one more line.</summary>
    /// <param name="line">A line of the runner's output.</param>
    public RunnerProgress After(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line == "Error: no task received")
        {
            // Without --wait an answer without a task has no line of its own, and an unanswered request has one before this.
            return TaskReceived || LastFetchFailed || EmptyAnswers > 0 ? this : this with { EmptyAnswers = 1 };
        }

        // The runner's lines begin with their time; its job's output is not among them.
        const string key = " msg=\"";
        var at = line.StartsWith("time=", StringComparison.Ordinal) ? line.IndexOf(key, StringComparison.Ordinal) : -1;
        return at < 0 ? this : AfterMessage(line.AsSpan(at + key.Length));
    }

    private RunnerProgress AfterMessage(ReadOnlySpan<char> message)
    {
        if (message.StartsWith("runner: ", StringComparison.Ordinal) && message.Contains("declared successfully", StringComparison.Ordinal))
        {
            return this with { Declared = true };
        }

        if (message.StartsWith(NotFetched, StringComparison.Ordinal))
        {
            return this with { FailedFetches = FailedFetches + 1, LastFetchFailed = true };
        }

        if (message.StartsWith("single task poller", StringComparison.Ordinal))
        {
            return message.Contains(Fetched, StringComparison.Ordinal) ? this with { TaskReceived = true, LastFetchFailed = false }
                : message.Contains(NoTask, StringComparison.Ordinal)
                    ? this with { EmptyAnswers = EmptyAnswers + 1, LastFetchFailed = false }
                : this;
        }

        if (message.StartsWith(NotReported, StringComparison.Ordinal))
        {
            return this with { ResultUndelivered = true };
        }

        return Task(message) is { } id ? this with { TaskReceived = true, LastFetchFailed = false, TaskId = id } : this;
    }

    /// <summary>The number in <c>task 214 repo is o/r …</c>.</summary>
    private static long? Task(ReadOnlySpan<char> message)
    {
        const string start = "task ";
        if (!message.StartsWith(start, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = message[start.Length..];
        var end = rest.IndexOf(' ');
        return end > 0 && rest[end..].StartsWith(" repo is ", StringComparison.Ordinal)
            && long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : null;
    }
}
