using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Dispatch;
using FjBellows.Providers;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>One provider as the configuration knows it: its name, its keys, and how they are read. Everything about a provider that
/// involves YAML is here; its project stays free of it.</summary>
internal interface IProviderModule
{
    /// <summary>The name that <c>provider</c> takes.</summary>
    string Name { get; }

    /// <summary>What it is, in a sentence.</summary>
    string Doc { get; }

    /// <summary>The keys of its <c>provider_config</c>.</summary>
    IReadOnlyList<ConfigKey> Keys { get; }

    /// <summary>Reads a <c>provider_config</c>. The section has reported unknown keys already.</summary>
    /// <param name="section">The group; its findings take what is wrong.</param>
    /// <returns>The plan; not used when errors were found.</returns>
    IProviderConfig? Decode(ConfigSection section);
}

/// <summary>A provider with its configuration read: what is known before anything is opened.</summary>
internal interface IProviderConfig
{
    /// <summary>The provider's name.</summary>
    string Name { get; }

    /// <summary>How it bills, before <c>poll.billing_hour</c>.</summary>
    BillingModel Billing { get; }

    /// <summary>True when its workers are reached over SSH, so that a key is needed.</summary>
    bool NeedsSsh { get; }

    /// <summary>The secrets that it shows to the cloud: where they change, a running pool gets a provider with the new ones.</summary>
    IReadOnlyList<Secret> Secrets => [];

    /// <summary>What tells the account from others, such as an endpoint or a directory: known without a call, holds no secret, and stays
    /// the same when a token is replaced. Null where there is no such thing.</summary>
    string? Account => null;

    /// <summary>Makes the provider and the way to its workers. Nothing is called yet.</summary>
    /// <param name="context">What they are made from.</param>
    ProviderParts Create(ProviderContext context);
}

/// <summary>What a provider is made from.</summary>
/// <param name="Config">The whole configuration.</param>
/// <param name="Pool">The pool it serves.</param>
/// <param name="StateDirectory">Where files may be kept.</param>
/// <param name="Logs">Makes loggers.</param>
internal sealed record ProviderContext(
    BellowsConfig Config, PoolSettings Pool, string StateDirectory, ILoggerFactory Logs, TimeProvider Time);

/// <summary>A provider and the way to its workers.</summary>
/// <param name="Cloud">Where instances come from, with its optional parts: <c>fj-bellows check</c> asks
/// <see cref="CloudParts.Account"/>.</param>
/// <param name="Connector">How they are reached.</param>
internal sealed record ProviderParts(ICloudProvider Cloud, IWorkerConnector Connector);
