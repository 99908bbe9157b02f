using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Why no worker is provisioned now. A closed set, rendered by <see cref="ReasonText"/>.</summary>
public abstract record ProvisioningHold
{
    private ProvisioningHold()
    {
    }

    /// <summary>The case in snake_case. It never changes for a case.</summary>
    public abstract string Code { get; }

    /// <summary>When provisioning is tried again by itself; null when an operator has to act.</summary>
    public abstract DateTimeOffset? RetryAt { get; }

    /// <summary>True for a breaker: the pool found that going on costs money for nothing, and only probes.</summary>
    public virtual bool IsBreaker => RetryAt is null;

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    internal ProvisioningHold Moved(TimeSpan by) => this switch
    {
        CreateBackoff h => h with { Until = h.Until.Moved(by) },
        NeverReady h => h with { Until = h.Until.Moved(by) },
        DispatchesFail h => h with { Until = h.Until.Moved(by) },
        NetworkUnavailable h => h with { Until = h.Until.Moved(by) },
        CostLimit h => h with { Until = h.Until.Moved(by), Since = h.Since.Moved(by) },
        _ => this,
    };

    /// <inheritdoc />
    public sealed override string ToString() => ReasonText.Of(this);

    /// <summary>Creates failed.</summary>
    /// <param name="Until">Nothing is created before that.</param>
    /// <param name="Failures">Consecutive failures.</param>
    /// <param name="Kind">How the last one failed.</param>
    /// <param name="Message">What it said.</param>
    public sealed record CreateBackoff(DateTimeOffset Until, int Failures, CloudErrorKind Kind, string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "create_backoff";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => Until;
    }

    /// <summary>The cloud refused the credentials or the configuration.</summary>
    /// <param name="Message">What it said.</param>
    public sealed record CreateRefused(CloudErrorKind Kind, string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "create_refused";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => null;
    }

    /// <summary>Workers were created and never became ready.</summary>
    /// <param name="Until">Nothing is created before that, and then one as a probe.</param>
    /// <param name="Workers">How many in a row.</param>
    /// <param name="Message">Why the last one did not.</param>
    public sealed record NeverReady(DateTimeOffset Until, int Workers, string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "never_ready";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => Until;

        /// <inheritdoc />
        public override bool IsBreaker => Workers >= ProvisioningBackoff.NeverReadyLimit;
    }

    /// <summary>Dispatches fail on every worker, so that another worker would fail too.</summary>
    /// <param name="Until">The next dispatch, as a probe, is not before that.</param>
    /// <param name="Failures">Consecutive failures.</param>
    /// <param name="Workers">On how many workers.</param>
    /// <param name="Message">What the last one ended with.</param>
    public sealed record DispatchesFail(DateTimeOffset Until, int Failures, int Workers, string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "dispatches_fail";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => Until;

        /// <inheritdoc />
        public override bool IsBreaker => true;
    }

    /// <summary>Forgejo refuses to register runners: the token may not.</summary>
    /// <param name="Message">What it said.</param>
    public sealed record RegistrationRefused(string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "registration_refused";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => null;
    }

    /// <summary>The managed network could not be made.</summary>
    /// <param name="Until">When it is tried again; null when an operator has to act.</param>
    /// <param name="Message">What the cloud said.</param>
    public sealed record NetworkUnavailable(DateTimeOffset? Until, string Message) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "network_unavailable";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => Until;
    }

    /// <summary>More instances were created than jobs ran on them, by more than a failure may cost.</summary>
    /// <param name="Until">When the next may be created.</param>
    /// <param name="Created">Instances created.</param>
    /// <param name="JobsRun">Jobs that ran.</param>
    /// <param name="Since">Counted since when.</param>
    public sealed record CostLimit(DateTimeOffset Until, int Created, int JobsRun, DateTimeOffset Since) : ProvisioningHold
    {
        /// <inheritdoc />
        public override string Code => "cost_limit";

        /// <inheritdoc />
        public override DateTimeOffset? RetryAt => Until;

        /// <inheritdoc />
        public override bool IsBreaker => true;
    }
}
