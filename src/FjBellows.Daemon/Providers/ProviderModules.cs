using FjBellows.Providers.Linode;

namespace FjBellows.Daemon.Providers;

/// <summary>The providers that a configuration may name.</summary>
/// <param name="modules">They, in the order in which people should read of them.</param>
internal sealed class ProviderModules(params IReadOnlyList<IProviderModule> modules)
{
    /// <summary>The providers built into this program.</summary>
    public static ProviderModules BuiltIn { get; } = new(
        new LinodeModule(context => SshWorkers.Connect(context, LinodeProvider.Carries)),
        new HetznerModule(),
        new DigitalOceanModule(),
        new DockerModule(),
        new LocalModule(),
        new ExecModule());

    /// <summary>All of them.</summary>
    public IReadOnlyList<IProviderModule> All { get; } = modules;

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; } = [.. modules.Select(m => m.Name)];

    /// <summary>The provider of a name, null when there is none.</summary>
    public IProviderModule? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
