using System.Globalization;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Time;
using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Turns on observations, and on the leftovers found in them.</summary>
internal static class ObservationTurns
{
    /// <summary>The queue was listed.</summary>
    public static void Jobs(Turn t, JobsObserved m)
    {
        var before = t.Known;
        if (before.JobsAt is not { } last || m.RequestedAt >= last)
        {
            Fresh(t, PoolSource.Jobs, m.RequestedAt);
            t.Known = t.Known.With(m, t.Now, t.Settings.Timeouts.Memory);
            t.NothingNew = before.Sources[PoolSource.Jobs].Error is null && t.Known.AsksForTheSameAs(before);
        }
    }

    /// <summary>A source could not be read.</summary>
    public static void Failed(Turn t, SourceFailed m)
    {
        var health = t.Known.Sources[m.Source];
        if (health.Error != m.Error)
        {
            t.Notice(NoticeKind.Warning, "source_failed", "cannot list {Source}: {Error}", [Name(m.Source), m.Error]);
        }

        t.Known = t.Known with { Sources = t.Known.Sources.SetItem(m.Source, health with { Error = m.Error }) };
    }

    /// <summary>The registrations were listed.</summary>
    public static void Runners(Turn t, RunnersObserved m)
    {
        t.Known = t.Known with { Runners = m };
        Fresh(t, PoolSource.Runners, m.RequestedAt);
        if (t.Known.Awaited > 0)
        {
            return;
        }

        var listed = m.Runners.Select(r => r.Id).ToHashSet();
        foreach (var worker in t.Known.Workers.Values)
        {
            if (worker is { Runs: true, View.Current.RunnerId: { } id } && !listed.Contains(id))
            {
                t.Tell(worker.Name, new RunnerMissing(id, m.RequestedAt));
            }
        }

        var leftovers = t.Known.LeftoverRunners.RemoveRange(t.Known.LeftoverRunners.Keys.Where(id => !listed.Contains(id)));
        foreach (var runner in m.Runners.Where(r => IsLeftover(t, r)))
        {
            if (!leftovers.TryGetValue(runner.Id, out var first))
            {
                leftovers = leftovers.Add(runner.Id, m.RequestedAt);
            }
            else if (m.RequestedAt > first && runner.Status != RunnerStatus.Active)
            {
                var registry = t.Pool.Ports.Runners;
                Delete(t, $"registration {runner.Name} ({runner.Id})", token => registry.DeleteAsync(runner.Id, token));
            }
        }

        t.Known = t.Known with { LeftoverRunners = leftovers };
    }

    /// <summary>The instances were listed.</summary>
    public static void Instances(Turn t, InstancesObserved m)
    {
        Fresh(t, PoolSource.Instances, m.RequestedAt);
        WorkerTurns.ReportClock(t);
        if (t.Known.Awaited > 0)
        {
            return;
        }

        // Every list is filtered again on this side (invariant O1).
        var ours = m.Instances.Where(t.Settings.Ownership.Owns).ToLookup(i => i.Name, StringComparer.Ordinal);
        foreach (var worker in t.Known.Workers.Values.Where(w => w is { Runs: true, View: not null }))
        {
            var seen = ours[worker.Name].FirstOrDefault(i => worker.View!.InstanceId is null || worker.View.InstanceId == i.Id);
            t.Tell(worker.Name, seen is not null ? new InstanceSeen(seen, m.RequestedAt) : new InstanceMissing(m.RequestedAt));
        }

        var (next, actions) = t.Known.Orphans.Observe(new OrphanListing
        {
            Instances = m.Instances,
            RequestedAt = m.RequestedAt,
            Ownership = t.Settings.Ownership,
            Siblings = t.Settings.Siblings,
            IsUnknown = instance => IsUnknown(t, instance, m.RequestedAt),
            IsOwnName = t.Journal.Remembered.ContainsKey,
            StartedAt = t.Memory.StartedAt,
            Predecessor = t.Settings.Timeouts.Create,
            Grace = t.Settings.Timeouts.OrphanGrace,
        });
        t.Known = t.Known with
        {
            Orphans = next,
            Totals = t.Known.Totals with { ForeignInstances = next.Foreign.Count, OtherDaemonInstances = next.OfOtherDaemon.Count },
        };
        Report(t, actions);
        foreach (var (instance, sighting) in actions.Due)
        {
            Adopt(t, instance, sighting);
        }
    }

    /// <summary>Something could not be cleaned up.</summary>
    public static void LeftoverFailed(Turn t, LeftoverFailed m) =>
        t.Notice(NoticeKind.Warning, "cleanup_failed", "cannot delete {What}: {Error}; trying again later", [m.What, m.Error]);

    private static void Report(Turn t, OrphanActions actions)
    {
        foreach (var instance in actions.FirstSeen)
        {
            t.Notice(
                NoticeKind.Warning, "orphan_found",
                "orphaned instance {Worker} ({Id}): our tags, not in the journal; deleting it in {Grace} unless its runner is active",
                [instance.Name, instance.Id, Durations.Text(t.Settings.Timeouts.OrphanGrace)], instance.Name);
        }

        foreach (var instance in actions.Foreign)
        {
            t.Notice(
                NoticeKind.Warning, "foreign_instance",
                "instance {Worker} ({Id}) has our tag '{Tag}' and another owner: owned by another deployment, ignoring it; give each " +
                "deployment a tag of its own",
                [instance.Name, instance.Id, t.Settings.Ownership.Tag], instance.Name);
        }

        foreach (var instance in actions.OfOtherDaemon)
        {
            t.Notice(
                NoticeKind.Warning, "other_daemon",
                "another daemon acts for this pool: instance {Worker} ({Id}) has our tag and owner, was created at {CreatedAt} after " +
                "this daemon started, and not by it. " +
                "Nothing that this daemon did not create is touched. Stop one of the two daemons, or give one its own tag",
                [instance.Name, instance.Id, instance.CreatedAt.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)],
                instance.Name);
        }
    }

    private static void Fresh(Turn t, PoolSource source, DateTimeOffset requestedAt)
    {
        var health = t.Known.Sources[source];
        if (health is { Error: not null, LastSuccess: not null })
        {
            t.Notice(NoticeKind.WorkerChanged, "source_recovered", "listing {Source} recovered", [Name(source)]);
        }

        t.Known = t.Known with { Sources = t.Known.Sources.SetItem(source, health with { LastSuccess = requestedAt, Error = null }) };
    }

    private static string Name(PoolSource source) => source.ToString().ToLowerInvariant();

    /// <summary>True for a registration whose dispatch is over: ours by its exact name and a worker we know, and no dispatch of now
    /// (invariants O3, O4).</summary>
    private static bool IsLeftover(Turn t, RegisteredRunner runner)
    {
        var dash = runner.Name.LastIndexOf('-');
        if (dash <= 0 || !int.TryParse(runner.Name.AsSpan(dash + 1), NumberStyles.None, null, out _))
        {
            return false;
        }

        var worker = t.Known.Find(runner.Name[..dash]);
        if (!t.Journal.Knows(runner.Name[..dash]) || worker?.Assigning is not null || worker is { Unreadable: true })
        {
            return false;
        }

        return !(worker?.View?.Current is { } current
            && current.Dispatch.Value == runner.Name
            && (current.RunnerId is null || current.RunnerId == runner.Id));
    }

    /// <summary>True for an instance of ours that is no worker's: a listing requested before a worker ended still shows it rightly
    /// (invariant W12).</summary>
    private static bool IsUnknown(Turn t, Instance instance, DateTimeOffset requestedAt)
    {
        if (t.Known.Find(instance.Name) is { } worker)
        {
            return worker is { Unreadable: true, Released: true } || worker.View?.InstanceId is { } id && id != instance.Id;
        }

        return !t.Journal.Live.ContainsKey(instance.Name)
            && !t.Journal.Ended.ContainsKey(instance.Name)
            && !(t.Journal.Remembered.TryGetValue(instance.Name, out var ended) && requestedAt <= ended);
    }

    /// <summary>Adopts an instance of ours that no journal knows, to delete it once its job is over (invariant O2).</summary>
    private static void Adopt(Turn t, Instance instance, OrphanSighting sighting)
    {
        if (t.Pool.JournalHealth.Hold is not null || t.Known.Runners is not { } runners || runners.RequestedAt < sighting.FirstSeen)
        {
            return;
        }

        var runner = runners.Runners.Where(r => r.Name.StartsWith(instance.Name + "-", StringComparison.Ordinal))
            .MaxBy(r => r.Status == RunnerStatus.Active);
        if (runner is { Status: RunnerStatus.Active })
        {
            t.Known = t.Known with { Orphans = t.Known.Orphans.With(instance.Id, runner) };
            return;
        }

        if (t.Known.Find(instance.Name) is not null)
        {
            // A second instance of a known worker's name cannot have a worker of its own.
            var cloud = t.Pool.Ports.Cloud;
            Delete(t, $"instance {instance.Name} ({instance.Id})", token => cloud.DeleteAsync(instance.Id, instance.Name, token));
            return;
        }

        var removal = new RemovalReason.Orphaned(sighting.Listings, sighting.FirstSeen);
        var reason = removal.ToString();
        // Known from now on: the same listing may hold a second instance of its name.
        var adopted = new KnownWorker
        {
            Name = instance.Name,
            Runs = true,
            PhaseSince = t.Now,
            View = new WorkerView
            {
                Name = instance.Name,
                Phase = WorkerPhase.Removing,
                PlannedAt = t.Now,
                InstanceId = instance.Id,
                Why = reason,
            },
        };
        t.Known = t.Known.With(adopted) with { Orphans = t.Known.Orphans.Without(instance.Id) };
        t.Persist(
            then =>
            {
                then.Do(new PoolEffect.Spawn(
                    instance.Name, Resumed: false, new AdoptOrphan(instance, HostKeyMarks.Find(instance.Tags), removal)
                    {
                        Runner = runner ?? sighting.Runner,
                    }));
                NetworkTurns.FollowWorkers(then);
            },
            new WorkerPlanned(t.Now, instance.Name, reason) { Uncounted = true });
    }

    private static void Delete(Turn t, string what, Func<CancellationToken, Task> delete) => t.Do(new PoolEffect.Call(
        t.Settings.Poll.RequestTimeout,
        async token =>
        {
            await delete(token).ConfigureAwait(false);
            return null;
        },
        e => new LeftoverFailed(what, e.Message)));
}
