namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A network namespace behind a pair of virtual cards, as a worker's side of a wire that can be pulled.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private static int _count;

    private readonly string _card;

    private Cable(string network, string card, string address) => (Network, _card, Address) = (network, card, address);

    /// <summary>The namespace's name.</summary>
    public string Network { get; }

    /// <summary>The worker's address behind the wire.</summary>
    public string Address { get; }

    /// <summary>Makes the namespace and both cards.</summary>
    public static async Task<Cable> LayAsync()
    {
        var number = Interlocked.Increment(ref _count);
        var name = $"fjb{Environment.ProcessId}x{number}";
        var near = $"198.18.{Environment.ProcessId % 250}.{(number * 4) + 1}";
        var far = $"198.18.{Environment.ProcessId % 250}.{(number * 4) + 2}";
        await IpAsync("netns", "add", name);
        var cable = new Cable(name, name + "n", far);
        try
        {
            await IpAsync("link", "add", cable._card, "type", "veth", "peer", "name", "eth0", "netns", name);
            await IpAsync("addr", "add", near + "/30", "dev", cable._card);
            await IpAsync("-n", name, "addr", "add", far + "/30", "dev", "eth0");
            await IpAsync("-n", name, "link", "set", "lo", "up");
            await IpAsync("-n", name, "link", "set", "eth0", "up");
            await cable.PlugAsync();
            return cable;
        }
        catch
        {
            await cable.DisposeAsync();
            throw new InvalidOperationException($"no wire could be laid to {far}");
        }
    }

    /// <summary>Lets nothing through from now on; nobody is told.</summary>
    public Task PullAsync() => IpAsync("-n", Network, "link", "set", "eth0", "down");

    /// <summary>Lets everything through again.</summary>
    public async Task PlugAsync()
    {
        await IpAsync("-n", Network, "link", "set", "eth0", "up");
        await IpAsync("link", "set", _card, "up");
    }

    public async ValueTask DisposeAsync() => await Command.TryAsync("ip", "netns", "del", Network);

    private static Task<string> IpAsync(params string[] words) => Command.RunAsync("ip", words);
}
