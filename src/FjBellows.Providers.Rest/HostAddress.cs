using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Rest;

/// <summary>The addresses this host is seen with from outside, for <c>auto</c>: asked of several services at once; what most of them say
/// counts, and the last answer stands while none of them can be reached.</summary>
/// <param name="services">The services' addresses; each answers with the caller's address as plain text.</param>
/// <param name="handler">Another way to them, in tests.</param>
/// <param name="log">Takes when none of them answers.</param>
public sealed class HostAddress(IReadOnlyList<Uri> services, HttpMessageHandler? handler, ILogger log) : IDisposable
{
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(
        handler ?? new SocketsHttpHandler(), disposeHandler: handler is null)
    { Timeout = Timeouts, MaxResponseContentBufferSize = 4096 };
    private IPAddress? _v4;
    private IPAddress? _v6;

    /// <summary>Where it is asked when an operator does not say otherwise; several, so that none of them alone can decide who is let
    /// in.</summary>
    public static IReadOnlyList<Uri> DefaultServices { get; } =
    [
        new("https://ipv4.icanhazip.com"), new("https://api.ipify.org"), new("https://ipv4.seeip.org"),
        new("https://ipv6.icanhazip.com"), new("https://api6.ipify.org"), new("https://ipv6.seeip.org"),
    ];

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>The host's addresses, one for each family it has.</summary>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.Transient"/>: no service answered, now or ever.</exception>
    public async Task<IReadOnlyCollection<IPAddress>> ResolveAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(services.Select(s => AskAsync(s, cancellationToken))).ConfigureAwait(false);
        _v4 = MostSaid(answers, AddressFamily.InterNetwork) ?? _v4;
        _v6 = MostSaid(answers, AddressFamily.InterNetworkV6) ?? _v6;
        IPAddress[] known = [.. new[] { _v4, _v6 }.OfType<IPAddress>()];
        if (known.Length == 0)
        {
            throw new CloudException(
                CloudErrorKind.Transient,
                $"the host's own address is not known: none of {string.Join(", ", services)} gave one; write the daemon's network in " +
                $"firewall.allow_inbound instead of auto, or name reachable firewall.address_services");
        }

        if (answers.All(a => a is null))
        {
            log.LogWarning("none of {Services} answered with the host's address; the firewall keeps {Addresses}", services, known);
        }

        return known;
    }

    /// <summary>The address that most services agree on; the order of the services breaks a tie.</summary>
    private static IPAddress? MostSaid(IPAddress?[] answers, AddressFamily family) =>
        answers.OfType<IPAddress>().Where(a => a.AddressFamily == family).GroupBy(a => a).OrderByDescending(g => g.Count())
            .FirstOrDefault()?.Key;

    private async Task<IPAddress?> AskAsync(Uri service, CancellationToken cancellationToken)
    {
        try
        {
            var text = await _http.GetStringAsync(service, cancellationToken).ConfigureAwait(false);
            return text.Length < 100 && IPAddress.TryParse(text.Trim(), out var address) && IsPublic(address) ? address : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>A service behind a proxy may see a private address; a firewall out there never does.</summary>
    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !(IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast
                || address.IsIPv4MappedToIPv6 || address.Equals(IPAddress.IPv6Any));
        }

        var b = address.GetAddressBytes();
        return b[0] is not (0 or 10 or 127 or >= 224)
            && !(b[0] == 172 && b[1] is >= 16 and < 32) && !(b[0] == 192 && b[1] == 168)
            && !(b[0] == 169 && b[1] == 254) && !(b[0] == 100 && b[1] is >= 64 and < 128);
    }
}
