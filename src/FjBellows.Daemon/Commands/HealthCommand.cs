using System.Net.Sockets;
using FjBellows.Daemon.Control.Client;

namespace FjBellows.Daemon.Commands;

/// <summary>Asks whether a daemon runs and answers. The answer is open to everybody, so no token is needed.</summary>
internal static class HealthCommand
{
    private const int LargestAnswer = 64 * 1024;
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="daemon">Where the daemon is.</param>
    /// <param name="output">Takes what the daemon says.</param>
    /// <exception cref="CommandException">No one answers.</exception>
    public static async Task<ExitCode> RunAsync(ControlTarget daemon, TextWriter output, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(
            ControlClient.HandlerOf(daemon))
        { Timeout = Timeouts, MaxResponseContentBufferSize = LargestAnswer };
        try
        {
            using var answer = await client.GetAsync(new Uri(daemon.Url, "healthz"), cancellationToken).ConfigureAwait(false);
            var text = (await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Trim();
            await output.WriteLineAsync(
                text.Length > 0 ? OutsideText.Clean(text, OutsideText.NameLimit) : $"{(int)answer.StatusCode}").ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.Failure;
        }
        catch (HttpRequestException e)
        {
            var reason = e.InnerException is SocketException socket ? socket.Message : e.Message;
            throw new CommandException(
                ExitCode.Failure,
                $"no daemon answers at {daemon}: {reason}. Is it running, with this -control-listen and this state directory? Name " +
                $"another address with -control-listen or FJB_LISTEN, or its socket with --control-socket or FJB_SOCKET");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failure, $"{daemon} did not answer within {Timeouts.TotalSeconds:0} s");
        }
    }
}
