using System.Net.Sockets;

namespace FjBellows.Daemon.Commands;

/// <summary>Asks whether a daemon runs and answers. The answer is open to everybody, so no token is needed.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="daemon">Where the daemon is.</param>
    /// <param name="output">Takes what the daemon says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CommandException">Nobody answers.</exception>
    public static async Task<ExitCode> RunAsync(Uri daemon, TextWriter output, CancellationToken cancellationToken)
    {
        var url = new Uri(daemon, "healthz");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeouts };
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
            throw new CommandException(ExitCode.Failure, $"no daemon answers at {url}: {reason}. Is it running, with this -control-listen? Name another address with -control-listen or FJB_LISTEN");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failure, $"{url} did not answer within {Timeouts.TotalSeconds:0} s");
        }
    }
}
