using FjBellows.Daemon.Configuration;

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
