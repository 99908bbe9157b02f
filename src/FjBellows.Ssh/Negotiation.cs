using System.Text.RegularExpressions;
using FjBellows.Dispatch;
using FjBellows.Ssh.HostKeys;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace FjBellows.Ssh;

/// <summary>What this side offers a host before either knows the other, and what is reported when they have nothing in common.</summary>
internal static partial class Negotiation
{
    /// <summary>A connection that offers what the settings and the pin allow, and nothing else.</summary>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.Misconfigured"/>: a name in the settings is not known
    /// here.</exception>
    public static ConnectionInfo Describe(string address, SshSettings settings, HostKeyPin? pin, int sessions)
    {
        var info = new ConnectionInfo(
            address, settings.Port, settings.User, new PrivateKeyAuthenticationMethod(settings.User, settings.Key.Source))
        {
            Timeout = settings.ConnectTimeout,
            MaxSessions = sessions,
        };
        Keep(info.KeyExchangeAlgorithms, settings.KeyExchanges, "key exchange");
        Keep(info.Encryptions, settings.Ciphers, "cipher");
        if (pin is not null)
        {
            Keep(info.HostKeyAlgorithms, pin.Algorithms, "host key algorithm");
        }

        return info;
    }

    /// <summary>What to report of a negotiation that failed; null where the failure was another one.</summary>
    /// <param name="where">The host, for the message.</param>
    /// <param name="settings">What was offered.</param>
    /// <param name="pin">The key the host had to show.</param>
    public static SessionException? Explain(Exception e, string where, SshSettings settings, HostKeyPin? pin)
    {
        if (e is not SshConnectionException { DisconnectReason: DisconnectReason.KeyExchangeFailed })
        {
            return null;
        }

        var offers = Offers().Match(e.Message);
        var theirs = offers.Groups["theirs"].Value.Replace(",", ", ", StringComparison.Ordinal);
        return offers.Groups["what"].Value switch
        {
            "key exchange" => NothingInCommon("key exchange", settings.KeyExchanges, "ssh.key_exchanges"),
            "client encryption" or "server encryption" => NothingInCommon("cipher", settings.Ciphers, "ssh.ciphers"),
            "host key" when pin is not null => new SessionException(
                SessionErrorKind.HostKeyMismatch,
                $"{where} has no host key of the pinned type {pin.Type}: it offers {theirs}; nothing was sent to it. Another machine " +
                $"answers there, or its image does not take the host key from its user data",
                e),
            _ => new SessionException(
                SessionErrorKind.Misconfigured,
                $"{where} and this side cannot agree on how to speak: {e.Message}; nothing was sent to it", e),
        };

        SessionException NothingInCommon(string what, IReadOnlyList<string> ours, string key) => new(
            SessionErrorKind.Misconfigured,
            $"{where} and this side have no {what} in common: it offers {theirs}, this side {string.Join(", ", ours)}; nothing was sent " +
            $"to it. Name one that it offers in {key}, or use an image that has one of this side's",
            e);
    }

    private static void Keep<T>(IDictionary<string, T> offered, IReadOnlyList<string> wanted, string what)
    {
        var kept = wanted.Distinct(StringComparer.Ordinal).Select(name => offered.TryGetValue(name, out var algorithm)
            ? KeyValuePair.Create(name, algorithm)
            : throw new SessionException(
                SessionErrorKind.Misconfigured,
                $"{what} '{name}' is not known here; known are {string.Join(", ", offered.Keys)}")).ToArray();
        offered.Clear();
        foreach (var (name, algorithm) in kept)
        {
            offered.Add(name, algorithm);
        }
    }

    // The library's own words are the only place where the far side's offer is named.
    [GeneratedRegex(@"^No matching (?<what>.+) algorithm \(server offers (?<theirs>.*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Offers();
}
