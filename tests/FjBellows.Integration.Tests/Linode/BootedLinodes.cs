using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Sandbox.Clouds;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The machines behind the stand-in's instances: each is booted by the real cloud-init from the user data that was sent for it, in
/// namespaces of its own, and switched off when its instance is deleted. Their image holds the sandbox's runner.</summary>
internal sealed class BootedLinodes : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll");

    private readonly ConcurrentDictionary<long, BootedWorker> _machines = [];
    private readonly ConcurrentQueue<(LinodeFakeInstance Instance, DateTimeOffset At)> _deleted = [];

    /// <summary>Every instance whose deletion was accepted, and when.</summary>
    public IReadOnlyCollection<(LinodeFakeInstance Instance, DateTimeOffset At)> Deleted => _deleted;

    public LinodeFakeOptions Options => new()
    {
        Token = LinodeScene.Token,
        ProvisioningTime = TimeSpan.FromSeconds(1),
        BootTime = TimeSpan.FromSeconds(1),
        DeleteTime = TimeSpan.FromSeconds(1),
        OnCreate = SwitchOnAsync,
        OnDelete = SwitchOffAsync,
    };

    public string Said() => string.Join('\n', _machines.Values.Select(m => m.Said()));

    public async ValueTask DisposeAsync()
    {
        foreach (var id in _machines.Keys)
        {
            await EndAsync(id);
        }
    }

    private async Task<string?> SwitchOnAsync(LinodeFakeInstance instance, CancellationToken cancellationToken)
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var machine = await BootedWorker.StartAsync(
            _ => instance.UserData!,
            new Dictionary<string, string>
            {
                ["forgejo-runner"] = $"#!/bin/sh\nDOTNET_ROOT={host} exec {host}/dotnet {Program} sandbox-runner \"$@\"\n",
            },
            [AppContext.BaseDirectory.TrimEnd('/'), host]);
        _machines[instance.Id] = machine;
        return machine.Address;
    }

    private async Task SwitchOffAsync(LinodeFakeInstance instance, CancellationToken cancellationToken)
    {
        _deleted.Enqueue((instance, TimeProvider.System.GetUtcNow()));
        await EndAsync(instance.Id);
    }

    private async Task EndAsync(long id)
    {
        if (_machines.TryRemove(id, out var machine))
        {
            await machine.DisposeAsync();
        }
    }
}
