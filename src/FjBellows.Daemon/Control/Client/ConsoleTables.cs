using System.Globalization;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control.Api;
using FjBellows.Pool;
using FjBellows.Workers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FjBellows.Daemon.Control.Client;

/// <summary>What a daemon says, as tables for people.</summary>
internal static class ConsoleTables
{
    private const int BarWidth = 20;
    private const int WideTable = 130;

    /// <summary>How the daemon is, and the pools.</summary>
    public static IRenderable Status(StatusInfo status)
    {
        var health = status.Health;
        return new Rows([
            new Markup($"{Colour(health.Status)}, fj-bellows {Markup.Escape(health.Version)}, up {Span(health.UptimeSeconds)}"),
            .. health.Pools.Where(p => p.Why is not null).Select(p => new Text(Clean($"{p.Pool}: {p.Why}"))),
            Pools(status.Pools)]);
    }

    /// <summary>The pools at a glance.</summary>
    public static IRenderable Pools(IReadOnlyList<PoolInfo> pools)
    {
        var table = Plain("pool", "provider", "workers", "busy", "idle", "coming", "going", "max", "waiting", "running", "state");
        foreach (var pool in pools)
        {
            var workers = pool.Workers;
            Row(
                table, pool.Name, pool.Provider, $"{workers.Total}", $"{workers.Busy}", $"{workers.Idle}", $"{workers.Provisioning}",
                $"{workers.Draining + workers.Removing}",
                $"{pool.Max}", $"{pool.JobsWaiting}", $"{pool.JobsRunning}", StateOf(pool));
        }

        return table;
    }

    /// <summary>The workers, a line each.</summary>
    /// <param name="width">How much room a line has; without much of it what is least asked for is left out.</param>
    public static IRenderable Workers(IReadOnlyList<WorkerInfo> workers, DateTimeOffset now, int width)
    {
        var wide = width >= WideTable;
        var table = Plain(
            [.. ((Cell[])[
                "worker", .. Wide("pool"), "state", .. Wide("age", "billed"), "billed left", "deleted in", .. Wide("jobs", "busy", "cost"),
                "job", "why"]).Select(c => c.Text)]);
        foreach (var column in table.Columns.SkipLast(2))
        {
            column.NoWrap();
        }

        foreach (var w in workers)
        {
            Row(
                table,
                [
                    w.Name, .. Wide(w.Pool), Coloured(SnakeCase.Of(w.State)),
                    .. Wide(Span(now - (w.CreatedAt ?? w.PlannedAt)), Bar(w, now)), Left(w.BilledUntil, now),
                    w.State == WorkerPhase.Idle ? Left(w.TeardownDeadline, now) : "",
                    .. Wide($"{w.JobsRun}", Span(w.BusySeconds), w.CostSoFar?.ToString("0.####", CultureInfo.InvariantCulture) ?? ""),
                    Cut(w.Job is { } job ? $"{job.Id} {job.Name}" : ""), Cut(w.Why),
                ]);
        }

        return workers.Count == 0 ? new Text("no workers\n") : table;

        Cell[] Wide(params Cell[] cells) => wide ? cells : [];
    }

    /// <summary>The jobs.</summary>
    public static IRenderable Jobs(JobsInfo jobs)
    {
        var table = Plain("job", "name", "state", "pool", "worker", "time", "why");
        foreach (var job in jobs.Waiting.Concat(jobs.Running).Concat(jobs.Recent))
        {
            Row(
                table, $"{job.Id}", job.Name,
                job.Outcome is { } outcome ? Coloured(SnakeCase.Of(outcome)) : Coloured(SnakeCase.Of(job.State)), job.Pool,
                job.Worker ?? "",
                job.State == JobState.Waiting ? $"waits {Span(job.WaitedSeconds ?? 0)}" : job.RanSeconds is { } ran ? Span(ran) : "",
                FirstLine(job.Why));
        }

        return table.Rows.Count == 0 ? new Text("no jobs\n") : table;
    }

    /// <summary>Why something is as it is.</summary>
    public static IRenderable Explain(ExplainInfo explained) => new Rows(
        [new Markup($"[bold]{Markup.Escape(Clean(explained.Subject))}[/]"),
            .. explained.Now
                .Select(now => new Text(
                    OutsideText.CleanLines(now, OutsideText.MessageLimit).Replace("\n", "\n    ", StringComparison.Ordinal))),
            .. explained.Past.Select(e => new Text("  " + Event(e)))]);

    /// <summary>The configuration in force.</summary>
    public static IRenderable Config(ConfigInfo config)
    {
        var table = Plain("key", "value", "");
        foreach (var setting in config.Settings)
        {
            Row(table, setting.Key, setting.Value, setting.IsDefault ? "default" : "");
        }

        return new Rows(new Text($"{Clean(config.File)}, read {config.LoadedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}"), table);
    }

    /// <summary>What became of a write.</summary>
    public static IRenderable Command(CommandInfo command) =>
        new Rows(
            command.Results
                .Select(r => new Markup(
                    $"{(r.Done ? "" : "[red]refused[/] ")}{Markup.Escape(Clean(r.Pool))}: {Markup.Escape(Clean(r.Message))}")));

    /// <summary>An event, as a line.</summary>
    public static string Event(EventInfo e) => Clean($"{e.At.ToLocalTime():yyyy-MM-dd HH:mm:ss} {e.Pool}: {e.Message}");

    /// <summary>A text that the daemon sent, as one line that a terminal only shows (invariant S10). The daemon may be an older one, or
    /// none.</summary>
    public static string Clean(string text) => OutsideText.Clean(text, OutsideText.MessageLimit);

    /// <summary>Everything on one screen.</summary>
    /// <param name="events">The last events, oldest first.</param>
    public static IRenderable Screen(
        IReadOnlyList<PoolInfo> pools, IReadOnlyList<WorkerInfo> workers, JobsInfo jobs, IReadOnlyList<EventInfo> events,
        DateTimeOffset now)
    {
        var most = Math.Max(3, (Height() - events.Count - 16) / 2);
        var machines = Boxed(
            $"workers ({workers.Count} of {pools.Sum(p => p.Max)}, {workers.Count(w => w.Job is not null)} busy)", "worker", "state",
            "billing period", "billed left", "deleted in", "job");
        foreach (var w in workers.Take(most))
        {
            Row(
                machines, w.Name, Coloured(SnakeCase.Of(w.State)), Bar(w, now), Left(w.BilledUntil, now),
                w.State == WorkerPhase.Idle ? Left(w.TeardownDeadline, now) : "",
                w.Job is { } job ? $"{job.Name} ({job.Id}){(job.StartedAt is { } started ? $", {Span(now - started)}" : "")}" : "");
        }

        var queue = Boxed($"queue ({jobs.Waiting.Count} waiting)", "job", "waits", "why");
        foreach (var job in jobs.Waiting.Take(most))
        {
            Row(queue, $"{job.Name} ({job.Id})", Span(job.WaitedSeconds ?? 0), job.Why);
        }

        IEnumerable<IRenderable> notes = pools.Where(p => StateOf(p) is not ("ok" or ""))
            .Select(p => new Text(Clean($"{p.Name}: {StateOf(p)}"), Color.Yellow));
        IEnumerable<IRenderable> lines =
            events.Select(
                e => new Text(
                    Clean($"{e.At.ToLocalTime():HH:mm:ss} {e.Message}"), e.Type == NoticeKind.Warning ? Color.Yellow : Style.Plain)
                        .Ellipsis());
        return new Rows([.. notes, machines, queue, .. lines]);
    }

    /// <summary>A span of time, to the second.</summary>
    /// <param name="time">The span; less than nothing counts as nothing.</param>
    public static string Span(TimeSpan time) => GoDuration.Format(TimeSpan.FromSeconds(Math.Max(0, Math.Floor(time.TotalSeconds))));

    private static string Span(double seconds) => Span(TimeSpan.FromSeconds(seconds));

    private static string Left(DateTimeOffset? until, DateTimeOffset now) => until is { } at ? Span(at - now) : "";

    private static string StateOf(PoolInfo pool) =>
        pool.Draining ? "draining"
        : pool.PausedBy is { } by ? $"paused by {by}"
        : pool.ProvisioningSuspended is { } held ? held
        : pool.Recovered ? "ok" : "starting";

    /// <summary>How far a worker is into its billing period.</summary>
    private static Cell Bar(WorkerInfo worker, DateTimeOffset now)
    {
        if (worker.CreatedAt is not { } created || worker.Billing.Kind != "leased" || worker.Billing.StepSeconds <= 0)
        {
            return "";
        }

        var age = Math.Max(0, (now - created).TotalSeconds);
        var full = (int)(age % worker.Billing.StepSeconds / worker.Billing.StepSeconds * BarWidth);
        return new Cell(
            $"[green]{new string('#', full)}[/][grey]{new string('.', BarWidth - full)}[/] {1 + (int)(age / worker.Billing.StepSeconds)}",
            IsMarkup: true);
    }

    private static Cell Coloured(string word) => new(Colour(Clean(word)), IsMarkup: true);

    private static string Colour(string word) => word switch
    {
        "ok" or "busy" or "completed" => $"[green]{word}[/]",
        "idle" or "running" => $"[blue]{word}[/]",
        "provisioning" or "starting" or "waiting" or "no_task" => $"[yellow]{word}[/]",
        "degraded" or "lost" or "failed_to_start" => $"[red]{word}[/]",
        _ => $"[grey]{Markup.Escape(word)}[/]",
    };

    private static string FirstLine(string text) =>
        text.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 ? text[..end] + " …" : text;

    private static int Height() => System.Console.IsOutputRedirected ? 50 : Math.Max(24, System.Console.WindowHeight);

    private static Table Plain(params string[] columns) =>
        new Table { ShowHeaders = true }.Border(TableBorder.None)
            .AddColumns([.. columns.Select(c => new TableColumn($"[grey]{c}[/]").PadRight(2))]);

    private static Table Boxed(string title, params string[] columns) =>
        new Table().Title(title).Border(TableBorder.Rounded).Expand().AddColumns(columns);

    private static Cell Cut(string text) => new(Clean(FirstLine(text)), IsMarkup: false, IsCut: true);

    private static void Row(Table table, params Cell[] cells) =>
        table.AddRow(cells.Select(c => c.IsCut ? new OneLine(c.Text) : c.IsMarkup ? (IRenderable)new Markup(c.Text) : new Text(c.Text)));

    /// <summary>A cell: text as it is, unless it was coloured here.</summary>
    private readonly record struct Cell(string Text, bool IsMarkup, bool IsCut = false)
    {
        public static implicit operator Cell(string text) => new(Clean(text), false);
    }
}
