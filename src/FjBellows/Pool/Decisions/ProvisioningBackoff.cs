using FjBellows.Providers;

namespace FjBellows.Pool;

/// <summary>How failures hold provisioning back (invariants R2, W18). Pure: each method returns the state after something
/// happened.</summary>
internal sealed record ProvisioningBackoff
{
    /// <summary>So many workers in a row that never became ready open the breaker.</summary>
    public const int NeverReadyLimit = 3;

    /// <summary>The longest <c>Retry-After</c> of a create that is obeyed.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(15);

    /// <summary>Between two probes of an open breaker.</summary>
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromHours(1);

    private ProvisioningBackoff()
    {
    }

    /// <summary>Nothing failed.</summary>
    public static ProvisioningBackoff Open { get; } = new();

    /// <summary>Consecutive failures of create calls.</summary>
    public int Failures { get; private init; }

    /// <summary>Workers in a row that were created and never became ready.</summary>
    public int NeverReady { get; private init; }

    /// <summary>The last failure; null while there is none.</summary>
    public ProvisioningHold? Last { get; private init; }

    /// <summary>Why nothing is provisioned at a moment; null when something may be.</summary>
    public ProvisioningHold? HoldAt(DateTimeOffset now) => Last is { } last && (last.RetryAt is not { } at || at > now) ? last : null;

    /// <summary>The most workers that may be provisioned at a moment: after failures one probes whether they are over.</summary>
    /// <param name="provisioning">Workers provisioning now.</param>
    /// <param name="notCreated">Of these, workers whose create call has not answered.</param>
    public int Most(DateTimeOffset now, int provisioning, int notCreated) =>
        HoldAt(now) is not null ? 0
        : NeverReady >= NeverReadyLimit ? Math.Max(0, 1 - provisioning)
        : Failures > 0 ? Math.Max(0, 1 - notCreated)
        : int.MaxValue;

    /// <summary>The state once workers were planned: an open breaker waits for its next probe.</summary>
    public ProvisioningBackoff Planned(DateTimeOffset now) =>
        Last is ProvisioningHold.NeverReady { IsBreaker: true } hold ? this with { Last = hold with { Until = now + ProbeEvery } } : this;

    /// <summary>The state after a create call failed. Refused credentials and configurations suspend provisioning until an operator acts; a
    /// quota waits the longest backoff; everything else a wait that doubles, or what the cloud asked for up to
    /// <see cref="LongestRetryAfter"/>.</summary>
    /// <param name="kind">How it failed.</param>
    /// <param name="message">What the cloud said.</param>
    /// <param name="retryAfter">How long the cloud asked to wait.</param>
    /// <param name="backoff">The pool's waits.</param>
    /// <param name="jitter">Between 0 and 1: where in the last fifth of the wait to end, so that deployments do not ask in step.</param>
    public ProvisioningBackoff CreateFailed(
        CloudErrorKind kind, string message, TimeSpan? retryAfter, DateTimeOffset now, BackoffSettings backoff, double jitter)
    {
        ArgumentNullException.ThrowIfNull(backoff);
        if (Last is { RetryAt: null })
        {
            return this;
        }

        if (kind is CloudErrorKind.Auth or CloudErrorKind.InvalidConfig)
        {
            return this with { Failures = Failures + 1, Last = new ProvisioningHold.CreateRefused(kind, message) };
        }

        // Creates that were sent together and fail together are one failure.
        var failures = Last is ProvisioningHold.CreateBackoff before && before.Until > now ? Failures : Failures + 1;
        var wait = kind == CloudErrorKind.QuotaExceeded ? backoff.Longest : backoff.After(failures);
        wait *= 0.8 + (0.2 * jitter);
        if (retryAfter is { } asked && asked > wait)
        {
            wait = asked < LongestRetryAfter ? asked : LongestRetryAfter;
        }

        var hold = new ProvisioningHold.CreateBackoff(now + wait, failures, kind, message);
        return this with { Failures = failures, Last = Last?.RetryAt > hold.Until ? Last : hold };
    }

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public ProvisioningBackoff Moved(TimeSpan by) => Last is null ? this : this with { Last = Last.Moved(by) };

    /// <summary>The state after a create call gave an instance.</summary>
    public ProvisioningBackoff Created() =>
        Failures == 0 ? this : this with { Failures = 0, Last = Last is ProvisioningHold.CreateBackoff ? null : Last };

    /// <summary>The state after a worker was created and never became ready.</summary>
    /// <param name="backoff">The pool's waits while the breaker is closed.</param>
    public ProvisioningBackoff BecameNeverReady(string message, DateTimeOffset now, BackoffSettings backoff)
    {
        ArgumentNullException.ThrowIfNull(backoff);
        var count = NeverReady + 1;
        var until = now + (count >= NeverReadyLimit ? ProbeEvery : backoff.After(count));
        // What needs an operator stays, and a probe under way is not hastened.
        var hold = Last is { RetryAt: null } ? Last
            : new ProvisioningHold.NeverReady(Last?.RetryAt is { } known && known > until ? known : until, count, message);
        return this with { NeverReady = count, Last = hold };
    }

    /// <summary>The state after a worker became ready. What needs an operator stays.</summary>
    public ProvisioningBackoff BecameReady() => Last is { RetryAt: null } ? this with { NeverReady = 0 } : Open;

    /// <summary>The state after Forgejo refused to register a runner for want of permission.</summary>
    /// <param name="message">What it said.</param>
    public ProvisioningBackoff RegistrationRefused(string message) =>
        Last is ProvisioningHold.CreateRefused ? this : this with { Last = new ProvisioningHold.RegistrationRefused(message) };

    /// <summary>The state after a runner was registered.</summary>
    public ProvisioningBackoff Registered() => Last is ProvisioningHold.RegistrationRefused ? this with { Last = null } : this;
}
