using FjBellows.Billing;
using FjBellows.Providers.Docker;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>Docker with its configuration read.</summary>
/// <param name="Settings">What was read.</param>
internal sealed record DockerPlan(DockerSettings Settings) : IProviderConfig
{
    /// <summary>The runner where <c>runner.path</c> names none: whatever the image has in its PATH.</summary>
    private const string DefaultRunner = "forgejo-runner";

    /// <inheritdoc />
    public string Name => DockerProvider.ProviderName;

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.PerSecond;

    /// <inheritdoc />
    public bool NeedsSsh => false;

    /// <inheritdoc />
    public string? Account => Settings.Host.AbsoluteUri;

    /// <inheritdoc />
    public ProviderParts Create(ProviderContext context)
    {
        var runner = DockerConnector.RunnerIn(
            Settings, context.Config.Forgejo.Url.AbsoluteUri, [context.Config.Runner.Path ?? DefaultRunner],
            context.Pool.Labels.NeedsDocker);
        var engine = new DockerEngine(Settings);
        return new ProviderParts(
            new DockerProvider(Settings, engine, runner, context.Logs.CreateLogger<DockerProvider>(), context.Time),
            new DockerConnector(engine, runner, context.Time));
    }
}
