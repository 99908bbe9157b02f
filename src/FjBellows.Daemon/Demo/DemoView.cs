using FjBellows.Daemon.Control.Client;
using FjBellows.Pool;
using Spectre.Console;

namespace FjBellows.Daemon.Demo;

/// <summary>Shows a demo while it runs: a live picture on a terminal, a line for each event elsewhere.</summary>
internal sealed class DemoView(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(400);

    /// <summary>True when the picture can be drawn over and over.</summary>
    private bool IsLive => console.Profile.Capabilities is { Interactive: true, Ansi: true } && !Console.IsOutputRedirected;

    /// <summary>Takes an event.</summary>
    /// <param name="notice">The event.</param>
    public void Take(PoolNotice notice)
    {
        if (!IsLive)
        {
            // Past the console, which would break the line at the width of a terminal that is not there.
            console.Profile.Out.Writer.WriteLine($"{notice.At.ToLocalTime():HH:mm:ss} {notice.Message}");
        }
    }

    /// <summary>Shows until asked to end.</summary>
    /// <param name="control">The demo's control plane.</param>
    public async Task RunAsync(ControlClient control, CancellationToken cancellationToken)
    {
        if (!IsLive)
        {
            return;
        }

        await console.Live(new Text("")).StartAsync(async live =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                live.UpdateTarget(await TopScreen.DrawAsync(control, CancellationToken.None).ConfigureAwait(false));
                await Task.Delay(Refresh, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }).ConfigureAwait(false);
    }
}
