using FjBellows.Providers;

namespace FjBellows.Pool;

/// <summary>Whether purchases are free, and what the cloud said when they are not (invariant R2).</summary>
/// <param name="Failures">Refusals in a row.</param>
/// <param name="Until">Before that nothing is bought; null with <paramref name="Cause"/> means until an operator asks.</param>
/// <param name="Cause">What the last refusal said; null while purchases are free.</param>
public sealed record ProvisioningBackoff(int Failures, DateTimeOffset? Until, string? Cause)
{
    /// <summary>Nothing holds purchases back.</summary>
    public static ProvisioningBackoff Open { get; } = new(0, null, null);

    /// <summary>Why nothing is bought at a moment; null when purchases are free.</summary>
    /// <param name="now">The moment.</param>
    public string? Held(DateTimeOffset now) => this switch
    {
        { Cause: null } => null,
        { Until: null } => $"nothing is bought until the cause is mended and the pool told to reconcile: {Cause}",
        { Until: { } until } when until > now => $"nothing is bought before {until:HH:mm:ss 'UTC'}, after {Failures} refusal(s) in a row: {Cause}",
        _ => null,
    };

    /// <summary>The gate after a refusal. Wrong configuration and refused credentials close it for good; a quota for the longest wait;
    /// everything else for a while that doubles, or as long as the cloud asked.</summary>
    /// <param name="kind">How the cloud refused.</param>
    /// <param name="message">What it said.</param>
    /// <param name="retryAfter">How long it asked to wait.</param>
    /// <param name="now">The present.</param>
    /// <param name="backoff">The pool's waits.</param>
    /// <param name="jitter">Between 0 and 1: where in the last fifth of the wait to end, so that deployments do not ask in step.</param>
    public ProvisioningBackoff After(CloudErrorKind kind, string message, TimeSpan? retryAfter, DateTimeOffset now, BackoffSettings backoff, double jitter)
    {
        ArgumentNullException.ThrowIfNull(backoff);
        if (kind is CloudErrorKind.Auth or CloudErrorKind.InvalidConfig)
        {
            return new ProvisioningBackoff(Failures + 1, null, message);
        }

        var wait = kind == CloudErrorKind.QuotaExceeded ? backoff.Longest : backoff.After(Failures + 1);
        wait *= 0.8 + (0.2 * jitter);
        if (retryAfter is { } asked && asked > wait)
        {
            wait = asked;
        }

        // Several refusals of purchases made in one breath are one refusal.
        var failures = Until is { } until && until > now ? Failures : Failures + 1;
        return new ProvisioningBackoff(failures, now + wait, message);
    }
}
