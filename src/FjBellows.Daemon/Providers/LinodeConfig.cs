using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Providers.Linode;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>Linode with its configuration read.</summary>
/// <param name="Settings">What was read; the SSH port is the configuration's and comes with the context.</param>
/// <param name="BudgetOf">The budget of a token: pools that share one share its budget.</param>
/// <param name="Connector">How workers are reached.</param>
internal sealed record LinodeConfig(
    LinodeSettings Settings, Func<Secret, TimeProvider, LinodeBudget> BudgetOf, Func<ProviderContext, IWorkerConnector> Connector)
        : IProviderConfig
{
    /// <inheritdoc />
    public string Name => "linode";

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.Hourly;

    /// <inheritdoc />
    public bool NeedsSsh => true;

    /// <inheritdoc />
    public IReadOnlyList<Secret> Secrets => [Settings.Token];

    /// <inheritdoc />
    public ProviderParts Create(ProviderContext context)
    {
        var settings = Settings with { SshPort = context.Config.Ssh.Port };
        var cloud = new LinodeProvider(
            settings, BudgetOf(settings.Token, context.Time), context.Time, context.Logs.CreateLogger<LinodeProvider>());
        return new ProviderParts(cloud, Connector(context));
    }
}
