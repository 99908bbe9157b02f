using Akka.Actor;
using FjBellows.Hosting;
using FjBellows.Pool;
using FjBellows.Workers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FjBellows.Daemon.Demo;

/// <summary>Shows a demo while it runs: a live picture on a terminal, a line for each event elsewhere.</summary>
internal sealed class DemoView(IAnsiConsole console, TimeProvider time)
{
    private const int EventsShown = 10;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(400);

    private readonly Queue<PoolNotice> _events = new();
    private readonly Lock _gate = new();

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
            return;
        }

        lock (_gate)
        {
            _events.Enqueue(notice);
            if (_events.Count > EventsShown)
            {
                _events.Dequeue();
            }
        }
    }

    /// <summary>Shows until told to end.</summary>
    /// <param name="root">The root actor.</param>
    /// <param name="hour">The shortened billing hour.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(IActorRef root, TimeSpan hour, CancellationToken cancellationToken)
    {
        if (!IsLive)
        {
            return;
        }

        await console.Live(new Text("")).StartAsync(async live =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var status = await root.Ask<BellowsProtocol.BellowsStatus>(BellowsProtocol.GetStatus.Instance).ConfigureAwait(false);
                if (status.Pools is [var pool, ..])
                {
                    live.UpdateTarget(Picture(pool, hour));
                }

                await Task.Delay(Refresh, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }).ConfigureAwait(false);
    }

    private Rows Picture(PoolStatus pool, TimeSpan hour)
    {
        var workers = new Table().Title($"workers ({pool.Workers.Count} of {pool.Max})").Border(TableBorder.Rounded).Expand()
            .AddColumns("worker", "state", "paid hour", "paid left", "goes at", "job");
        foreach (var worker in pool.Workers)
        {
            workers.AddRow(
                Markup.Escape(worker.Name),
                $"[{Colour(worker.Phase)}]{worker.Phase}[/]",
                Bar(worker, hour, pool.At),
                worker.PaidUntil is { } paid ? $"{Math.Max(0, (paid - pool.At).TotalSeconds):0} s" : "-",
                worker is { Phase: WorkerPhase.Idle, KillMark: { } mark } ? $"in {Math.Max(0, (mark - pool.At).TotalSeconds):0} s" : "-",
                Markup.Escape(worker.Current is { } current ? $"{current.Job.Name} ({current.Job.Id})" : ""));
        }

        var queue = new Table().Title($"queue ({pool.Waiting.Count} waiting)").Border(TableBorder.Rounded).Expand().AddColumns("job", "why it waits");
        foreach (var wait in pool.Waiting.Take(6))
        {
            queue.AddRow(Markup.Escape($"{wait.Job.Name} ({wait.Job.Id})"), Markup.Escape(wait.Why));
        }

        lock (_gate)
        {
            IEnumerable<IRenderable> lines = _events.Select(e => new Text($"{e.At.ToLocalTime():HH:mm:ss} {e.Message}", e.Kind == NoticeKind.Warning ? Color.Yellow : Style.Plain).Ellipsis());
            return new Rows([workers, queue, .. lines]);
        }
    }

    private static string Colour(WorkerPhase phase) => phase switch
    {
        WorkerPhase.Busy => "green",
        WorkerPhase.Idle => "blue",
        WorkerPhase.Provisioning => "yellow",
        _ => "grey",
    };

    /// <summary>How far the worker is into the hour that is paid.</summary>
    private static string Bar(WorkerView worker, TimeSpan hour, DateTimeOffset now)
    {
        if (worker.CreatedAt is not { } created)
        {
            return "";
        }

        var share = (now - created).Ticks % hour.Ticks / (double)hour.Ticks;
        var full = Math.Clamp((int)(share * 20), 0, 20);
        return $"[green]{new string('#', full)}[/][grey]{new string('.', 20 - full)}[/] {1 + ((now - created).Ticks / hour.Ticks)}";
    }
}
