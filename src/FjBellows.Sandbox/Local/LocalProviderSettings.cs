using FjBellows.Billing;

namespace FjBellows.Sandbox.Local;

/// <summary>The <c>provider_config</c> of the provider <c>local</c>, whose instances are directories and processes on this
/// machine.</summary>
public sealed record LocalProviderSettings
{
    /// <summary>An absolute directory for the instances. Two daemons may share it; each sees its own by the ownership marks.</summary>
    public required string Directory { get; init; }

    /// <summary>How long an instance takes from its create call until it answers; zero or more.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The step in which time is billed; one second or less means by the second.</summary>
    public TimeSpan BillingStep { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The price per hour, for the ledger; null where it does not matter.</summary>
    public decimal? HourlyPrice { get; init; }

    /// <summary>The runner's program and the words before <c>one-job</c>; empty leaves it to whoever composes the daemon.</summary>
    public IReadOnlyList<string> RunnerCommand { get; init; } = [];

    /// <summary>How instances are reached.</summary>
    public LocalAccess Access { get; init; }

    /// <summary>The port of the instances' sshd, each on an address of its own.</summary>
    public int SshPort { get; init; } = 22;

    /// <summary>The billing model these settings stand for.</summary>
    public BillingModel Billing =>
        BillingStep <= TimeSpan.FromSeconds(1) ? BillingModel.PerSecond : BillingModel.Hourly.WithHour(BillingStep);
}
