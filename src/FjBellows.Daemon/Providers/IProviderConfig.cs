using FjBellows.Billing;

namespace FjBellows.Daemon.Providers;

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
