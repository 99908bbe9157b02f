using System.Globalization;
using System.Net;
using FjBellows.Dispatch;

namespace FjBellows.Ssh.Tunnel;

/// <summary>What a worker's bootstrap says about how jobs there reach Forgejo.</summary>
internal abstract record NetworkReport
{
    private NetworkReport()
    {
    }

    /// <summary>Asks a worker.</summary>
    /// <exception cref="SessionException">It did not answer, or with something else.</exception>
    public static async Task<NetworkReport> ReadAsync(IWorkerShell shell, RunnerSetup runner, CancellationToken cancellationToken)
    {
        if (runner.NetworkReportFile is not { } file)
        {
            return new Loopback();
        }

        var result = await shell.RunAsync(
            RemoteScript.With("network-report.sh", file, runner.ReadyReportFile ?? "/"), new Secret(""),
            cancellationToken).ConfigureAwait(false);
        return Parse(result.Output) ?? throw new SessionException(
            SessionErrorKind.ForwardRefused,
            $"the worker's {file} cannot be understood, so jobs there could not reach Forgejo: {result.Output.Trim()} " +
            $"{result.Error.Trim()}");
    }

    /// <summary>Reads the text of the report; null when it is none.</summary>
    public static NetworkReport? Parse(string text) => text.Trim().Split(' ', 4) switch
    {
        ["booting"] => new Booting(),
        ["none"] => new Loopback(),
        ["own", var at, var port] when At(at, port) is { } place => new Own(place),
        ["gateway", var at, var port, var reason] when At(at, port) is { } place => new Gateway(place, reason),
        _ => null,
    };

    /// <summary>The runners of a worker whose network is like this.</summary>
    public RunnerSetup Apply(RunnerSetup runner, ForgejoRoute route) => this switch
    {
        Own own => runner with
        {
            ForgejoHosts = new Dictionary<string, string>(),
            ContainerNetwork = ContainerNetwork.PerJob,
            CacheHost = own.Place.Address.ToString(),
        },
        Gateway gateway => runner with
        {
            ForgejoHosts = route.NameToOverride is { } name ? new Dictionary<string, string> { [name] = RunnerSetup.EngineGateway } : [],
            ContainerNetwork = ContainerNetwork.PerJob,
            CacheHost = gateway.Place.Address.ToString(),
        },
        _ => runner,
    };

    private static IPEndPoint? At(string address, string port) =>
        IPAddress.TryParse(address, out var parsed)
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new IPEndPoint(parsed, number)
            : null;

    /// <summary>The bootstrap has not come so far.</summary>
    public sealed record Booting : NetworkReport;

    /// <summary>Nothing was set up: the tunnel ends on the worker's loopback, and containers share its network.</summary>
    public sealed record Loopback : NetworkReport;

    /// <summary>An address of the worker's own, with a resolver.</summary>
    /// <param name="Place">Where the tunnel ends.</param>
    public sealed record Own(IPEndPoint Place) : NetworkReport;

    /// <summary>The engine's address on its bridge, without a resolver: builds and containers that a job starts by itself do not know
    /// Forgejo's name.</summary>
    /// <param name="Place">Where the tunnel ends.</param>
    /// <param name="Reason">Why there is no resolver.</param>
    public sealed record Gateway(IPEndPoint Place, string Reason) : NetworkReport;
}
