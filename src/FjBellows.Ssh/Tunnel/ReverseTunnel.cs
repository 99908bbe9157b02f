using System.Net;
using FjBellows.Dispatch;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace FjBellows.Ssh.Tunnel;

/// <summary>The way from a worker back to Forgejo: an address and port there, a relay of ours here (invariant S6).</summary>
internal sealed class ReverseTunnel : IAsyncDisposable
{
    private const int Attempts = 6;

    private ReverseTunnel(ForwardRelay relay) => Relay = relay;

    public ForwardRelay Relay { get; }

    /// <summary>Opens the tunnel on a connection. A listener that an older, half-dead session of ours left on the port is ended first, so
    /// that a job which goes on finds its tunnel where it was (invariant W14).</summary>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.ForwardRefused"/>.</exception>
    public static async Task<ReverseTunnel> OpenAsync(
        SshLink link, SshShell shell, string worker, ForgejoRoute route, NetworkReport network, SshSettings settings, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var place = network switch
        {
            NetworkReport.Own own => own.Place,
            NetworkReport.Gateway gateway => gateway.Place,
            _ => new IPEndPoint(settings.TunnelAddress, route.Port),
        };
        var relay = new ForwardRelay(route.Host, route.Port, settings.MaxTunnelConnections, settings.TunnelIdleTimeout, time);
        try
        {
            var claim = $"tunnel-{worker}-{place.Port}";
            await ListenAsync(link, shell, place, relay, claim, time, cancellationToken).ConfigureAwait(false);
            await DemandAsync(
                shell, RemoteScript.With("claim.sh", claim), "the tunnel's session cannot be written down",
                cancellationToken).ConfigureAwait(false);
            if (network is not NetworkReport.Loopback)
            {
                await VerifyAsync(shell, place, cancellationToken).ConfigureAwait(false);
            }
            else if (settings.HostsOverride && route.NameToOverride is { } name)
            {
                await DemandAsync(
                    shell, RemoteScript.With("hosts.sh", name), $"{name} cannot be made to mean 127.0.0.1 there",
                    cancellationToken).ConfigureAwait(false);
            }

            return new ReverseTunnel(relay);
        }
        catch
        {
            await relay.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => Relay.DisposeAsync();

    private static async Task ListenAsync(
        SshLink link, SshShell shell, IPEndPoint place, ForwardRelay relay, string claim, TimeProvider time,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryListenAsync(link, place, relay, cancellationToken).ConfigureAwait(false); attempt++)
        {
            // The protocol says only "no"; the worker knows whether that is a rule or a port in use.
            var found = await shell.RunAsync(
                RemoteScript.With("holder.sh", $"{place.Port}", claim, Hex(place.Address)), new Secret(""),
                cancellationToken).ConfigureAwait(false);
            var holder = found.Output.Trim();
            if (attempt == Attempts || (holder is not ("held" or "ended") && attempt > 1))
            {
                throw new SessionException(SessionErrorKind.ForwardRefused, holder == "held"
                    ? $"port {place.Port} of the worker's address {place.Address} is held by another process, so jobs there could not " +
                        $"reach Forgejo"
                    : $"the worker's sshd refuses to listen on {place} (AllowTcpForwarding, PermitListen, or a low port for a user " +
                        $"other than root), so jobs there could not reach Forgejo");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TryListenAsync(SshLink link, IPEndPoint place, ForwardRelay relay, CancellationToken cancellationToken)
    {
        var port = new ForwardedPortRemote(place.Address, (uint)place.Port, IPAddress.Loopback, (uint)relay.Port);
        var starting = DedicatedThread.Run(() =>
        {
            try
            {
                link.Client.AddForwardedPort(port);
                port.Start();
                return true;
            }
            catch (SshConnectionException)
            {
                throw;
            }
            catch (SshException)
            {
                link.Client.RemoveForwardedPort(port);
                return false;
            }
        });
        try
        {
            return await Task.WhenAny(starting, Broken(link)).WaitAsync(cancellationToken).Unwrap().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SshException or InvalidOperationException)
        {
            throw new SessionException(SessionErrorKind.Unreachable, $"the connection broke while the tunnel was opened: {e.Message}", e);
        }
    }

    /// <summary>Looks at what listens on the worker: an sshd that does not let the client choose the address says yes all the same, and
    /// listens on loopback alone, or on every address of the machine, which opens Forgejo to its neighbours.</summary>
    private static async Task VerifyAsync(SshShell shell, IPEndPoint place, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(
            RemoteScript.With("listens.sh", $"{place.Port}"), new Secret(""), cancellationToken).ConfigureAwait(false);
        var found = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (found is not [var only] || only != Hex(place.Address))
        {
            throw new SessionException(
                SessionErrorKind.ForwardRefused,
                $"the worker's sshd does not listen on {place} and there alone ({string.Join(", ", found)}): GatewayPorts has to be " +
                $"clientspecified for this user, " +
                "so jobs on the worker could not reach Forgejo");
        }
    }

    /// <summary>An IPv4 address as the kernel's tables write it on the machines that workers are.</summary>
    private static string Hex(IPAddress address) => Convert.ToHexString([.. address.GetAddressBytes().Reverse()]);

    private static async Task<bool> Broken(SshLink link) => throw new SessionException(
        SessionErrorKind.Unreachable, $"the connection broke while the tunnel was opened: {await link.Lost.ConfigureAwait(false)}");

    private static async Task DemandAsync(SshShell shell, string script, string failure, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(script, new Secret(""), cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new SessionException(
                SessionErrorKind.ForwardRefused, $"{failure}, so jobs on the worker could not reach Forgejo: {result.Error.Trim()}");
        }
    }
}
