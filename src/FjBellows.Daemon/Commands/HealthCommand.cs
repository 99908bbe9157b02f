using System.Globalization;
using System.Net.Sockets;

namespace FjBellows.Daemon.Commands;

/// <summary>Asks whether a daemon runs and answers. The answer is open to everybody, so no token is needed.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="options">The command line; it names the control plane's address.</param>
    /// <param name="output">Takes what the daemon says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CommandException">There is no such address, or nobody answers.</exception>
    public static async Task<ExitCode> RunAsync(DaemonOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var url = UrlOf(options.ControlListen);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken).ConfigureAwait(false);
            var text = (await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Trim();
            await output.WriteLineAsync(text.Length > 0 ? text : $"{(int)answer.StatusCode}").ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.Failure;
        }
        catch (HttpRequestException e)
        {
            var reason = e.InnerException is SocketException socket ? socket.Message : e.Message;
            throw new CommandException(ExitCode.Failure, $"no daemon answers at {url}: {reason}. Is it running, with this -control-listen?");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failure, $"{url} gave no answer within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>Where a daemon that listens at an address is asked.</summary>
    /// <param name="listen">The value of <c>-control-listen</c>.</param>
    /// <exception cref="CommandException">It is not an address, or empty.</exception>
    internal static Uri UrlOf(string listen)
    {
        if (listen is "" or "off")
        {
            throw new CommandException(ExitCode.Usage, "-control-listen is off: without a control plane the daemon cannot be asked");
        }

        var colon = listen.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new CommandException(ExitCode.Usage, $"-control-listen '{listen}' is not an address and port, such as 127.0.0.1:9876");
        }

        var host = listen[..colon] is "" or "0.0.0.0" or "[::]" ? "127.0.0.1" : listen[..colon];
        return new Uri($"http://{host}{listen[colon..]}/healthz");
    }
}
