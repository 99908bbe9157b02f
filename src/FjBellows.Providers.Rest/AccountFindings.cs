namespace FjBellows.Providers.Rest;

/// <summary>What a check of an account finds, with failures of its questions among it.</summary>
public sealed class AccountFindings
{
    private readonly List<AccountFinding> _all = [];

    /// <summary>All of it, in the order in which it was found.</summary>
    public IReadOnlyList<AccountFinding> All => _all;

    /// <summary>Adds a finding.</summary>
    /// <param name="level">How it weighs.</param>
    /// <param name="subject">What was looked at.</param>
    /// <param name="message">What was found and, where it is not well, what to do.</param>
    public void Add(FindingLevel level, string subject, string message) => _all.Add(new AccountFinding(level, subject, message));

    /// <summary>An answer; null when there was none, and then the reason is among the findings.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="subject">What is looked at.</param>
    /// <param name="ask">Asks the cloud.</param>
    public async Task<T?> AskAsync<T>(string subject, Func<Task<T>> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (CloudException e)
        {
            Add(e.Kind is CloudErrorKind.Transient or CloudErrorKind.RateLimited ? FindingLevel.Warning : FindingLevel.Error, subject,
                e.Message);
            return default;
        }
    }

    /// <summary>What a name stands for; null when it stands for nothing, and then that is among the findings.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="subject">What is looked at.</param>
    /// <param name="find">Asks the cloud.</param>
    public async Task<T?> LookAsync<T>(string subject, string name, Func<Task<T?>> find)
        where T : class
    {
        var known = _all.Count;
        var found = await AskAsync(subject, find).ConfigureAwait(false);
        if (found is null && _all.Count == known)
        {
            Add(FindingLevel.Error, subject, $"{name} does not exist, or the token may not see it");
        }

        return found;
    }
}
