using System.Collections.Immutable;

namespace FjBellows.Pool;

/// <summary>Turns on the start of a pool, and on what it learns from before.</summary>
internal static class StartTurns
{
    // Enough for thirty runs of a few dozen kinds; what is older has changed since.
    private const int MostLearnedFrom = 2000;

    /// <summary>The journal was read.</summary>
    public static void Begin(Turn t)
    {
        t.ChangeJournal(j => j.Restarted());
        var names = t.Journal.Live.Keys.Concat(t.Journal.Ended.Keys).Order(StringComparer.Ordinal).ToArray();
        t.Known = t.Known with
        {
            Workers = t.Known.Workers.AddRange(
                names.Select(n => KeyValuePair.Create(n, new KnownWorker { Name = n, Runs = true, PhaseSince = t.Now }))),
            Sources = ((PoolSource[])[PoolSource.Jobs, PoolSource.Runners, PoolSource.Instances])
                .ToImmutableDictionary(s => s, s => new SourceHealth(s, null, PoolStatus.NotAskedYet, StaleAfter(t.Settings, s))),
        };
        foreach (var name in names)
        {
            t.Do(new PoolEffect.Spawn(name, Resumed: true));
        }

        NetworkTurns.Begin(t);
        if (!t.Settings.Waiting.ProvisionsAtOnce)
        {
            ReadPast(t);
        }

        if (names.Length > 0)
        {
            t.Notice(
                NoticeKind.WorkerChanged, "restored", "restored {Workers} from the journal", [ReasonText.Count(names.Length, "worker")]);
        }
    }

    /// <summary>From which age on a source is stale.</summary>
    public static TimeSpan StaleAfter(PoolSettings settings, PoolSource source)
    {
        var age = source switch
        {
            PoolSource.Jobs => settings.Poll.Interval * 3,
            PoolSource.Runners => settings.Poll.Runners * 12,
            PoolSource.Instances => settings.Poll.Instances * 12,
            _ => TimeSpan.MaxValue,
        };
        return age > TimeSpan.FromMinutes(1) ? age : TimeSpan.FromMinutes(1);
    }

    /// <summary>Learns durations from what was recorded before.</summary>
    public static void ReadPast(Turn t)
    {
        var (history, pool, since) = (t.Pool.Ports.History, t.Settings.Name, t.Now - t.Settings.HistoryRetention);
        t.Do(new PoolEffect.Call(
            RecordTurns.Limit,
            async token => new PastRead(
                await history.OutcomesAsync(pool, since, MostLearnedFrom, token).ConfigureAwait(false),
                await history.LedgersAsync(pool, since, RecentDurations.Kept, token).ConfigureAwait(false)),
            e => new PastUnread(e.Message)));
    }

    /// <summary>The history was read.</summary>
    public static void Learn(Turn t, PastRead m)
    {
        foreach (var outcome in m.Outcomes)
        {
            t.Memory.Learned.Learn(outcome);
        }

        foreach (var ledger in m.Ledgers)
        {
            if (ledger.ReadyAt is { } ready)
            {
                t.Memory.Learned.LearnBoot(ledger.PlannedAt, ready);
            }
        }
    }

    /// <summary>The history could not be read.</summary>
    public static void Unread(Turn t, PastUnread m) => t.Notice(
        NoticeKind.Warning, "history_unreadable",
        "cannot read the history: {Error}; job durations have to be learned again; until then scale.expected_duration applies", [m.Error]);

    /// <summary>The pool's whole state, from the last plan.</summary>
    public static PoolStatus Status(Turn t) => new()
    {
        Name = t.Settings.Name,
        At = t.Now,
        Provider = t.Pool.Ports.Cloud.Name,
        Billing = t.Pool.Billing,
        Labels = [.. t.Settings.Labels.Labels.Select(l => l.Text)],
        Max = t.Settings.Max,
        PausedBy = t.Journal.PausedBy,
        Recovered = t.Known.Awaited == 0,
        Draining = t.Known.Drain is not null,
        Hold = t.Known.Hold,
        Workers = [.. t.Known.Views.OrderBy(v => v.PlannedAt).ThenBy(v => v.Name, StringComparer.Ordinal)],
        Waiting = [.. t.Known.Plan.Waits.Select(w => new JobWait(w.Job.Job, w.Job.FirstSeen, w.Reason))],
        Recent = t.Known.Recent,
        Sources =
            [.. t.Known.Sources.Values.OrderBy(s => s.Source), new SourceHealth(
                PoolSource.Journal, t.Pool.JournalHealth.WrittenAt ?? t.Memory.StartedAt, t.Pool.JournalHealth.Error, TimeSpan.MaxValue)],
        Totals = t.Known.Totals,
        JournalLatency = t.Known.JournalLatency,
        CloudClockDifference = t.Pool.CloudClock.Difference,
    };
}

/// <summary>The history was read.</summary>
internal sealed record PastRead(IReadOnlyList<DispatchOutcome> Outcomes, IReadOnlyList<WorkerLedger> Ledgers);

/// <summary>The history could not be read.</summary>
internal sealed record PastUnread(string Error);
