using FjBellows.Providers;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Providers;

/// <summary>A scene of a provider whose instances are made on this machine: nothing goes wrong at will, and everything can be
/// counted.</summary>
internal sealed class OwnHardwareScene(ICloudProvider provider, Func<Task<IReadOnlyList<string>>> names, Func<ValueTask> end) : ICloudScene
{
    public ICloudProvider Provider => provider;

    public IReadOnlyList<string> Billed => names().GetAwaiter().GetResult();

    public int Created => Billed.Count;

    public IReadOnlyList<string> Leftovers => [];

    public IReadOnlyList<string> Log => [];

    public IReadOnlyList<string> Secrets => [];

    public Task SeedAsync(string name, Ownership ownership) =>
        provider.CreateAsync(new InstanceSpec(name, ownership, new Secret(""), []), default);

    public bool Arrange(CloudTrouble trouble) => false;

    public Task SettleAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => end();
}
