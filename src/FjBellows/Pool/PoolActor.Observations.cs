using Akka.Actor;
using Akka.Event;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>What the observers saw, and the leftovers found in it.</summary>
internal sealed partial class PoolActor
{
    private readonly Dictionary<InstanceId, Orphan> _orphans = [];
    private readonly Dictionary<long, DateTimeOffset> _orphanRunners = [];
    private readonly HashSet<InstanceId> _foreign = [];
    private RunnersObserved? _runners;

    private void ReceiveObservations()
    {
        Command<JobsObserved>(m =>
        {
            if (_jobs is null || m.RequestedAt >= _jobs.RequestedAt)
            {
                _jobs = m;
                Fresh(PoolSource.Jobs, m.RequestedAt);
                foreach (var job in m.Jobs)
                {
                    _firstSeen.TryAdd(job.Key, Now);
                }

                ForgetOldJobs();
                Plan();
            }
        });
        Command<RunnersObserved>(OnRunners);
        Command<InstancesObserved>(OnInstances);
        Command<SourceFailed>(m =>
        {
            var health = _sources[m.Source];
            if (health.Error != m.Error)
            {
                Notice(NoticeKind.Warning, $"{m.Source} cannot be read: {m.Error}");
            }

            _sources[m.Source] = health with { Error = m.Error };
        });
        Command<LeftoverFailed>(m => _log.Warning("pool {Pool}: {What} could not be deleted ({Error}); trying again at the next listing", _pool.Settings.Name, m.What, m.Error.Message));
    }

    private void Fresh(PoolSource source, DateTimeOffset requestedAt)
    {
        if (_sources[source] is { Error: not null, LastSuccess: not null })
        {
            Notice(NoticeKind.WorkerChanged, $"{source} can be read again");
        }

        _sources[source] = _sources[source] with { LastSuccess = requestedAt, Error = null };
    }

    private void OnRunners(RunnersObserved m)
    {
        _runners = m;
        Fresh(PoolSource.Runners, m.RequestedAt);
        if (_unreported.Count > 0)
        {
            return;
        }

        var listed = m.Runners.Select(r => r.Id).ToHashSet();
        foreach (var view in _views.Values)
        {
            if (view.Current is { RunnerId: { } id } && !listed.Contains(id) && _children.TryGetValue(view.Name, out var child))
            {
                child.Tell(new RunnerMissing(id, m.RequestedAt));
            }
        }

        foreach (var runner in m.Runners.Where(IsLeftover))
        {
            if (!_orphanRunners.TryGetValue(runner.Id, out var first))
            {
                _orphanRunners[runner.Id] = m.RequestedAt;
            }
            else if (m.RequestedAt > first && runner.Status != RunnerStatus.Active)
            {
                _calls.Send(
                    _pool.Settings.Poll.RequestTimeout,
                    token => _pool.Ports.Runners.DeleteAsync(runner.Id, token),
                    () => null,
                    e => new LeftoverFailed($"registration {runner.Name} ({runner.Id})", e));
            }
        }

        foreach (var gone in _orphanRunners.Keys.Where(id => !listed.Contains(id)).ToArray())
        {
            _orphanRunners.Remove(gone);
        }
    }

    /// <summary>True for a registration whose dispatch is over: ours by its exact name and a worker we know, and no dispatch of now (invariants O3, O4).</summary>
    private bool IsLeftover(RegisteredRunner runner)
    {
        var dash = runner.Name.LastIndexOf('-');
        if (dash <= 0 || !int.TryParse(runner.Name.AsSpan(dash + 1), System.Globalization.NumberStyles.None, null, out _))
        {
            return false;
        }

        var worker = runner.Name[..dash];
        if (!_journal.Knows(worker) || _assigning.ContainsKey(worker))
        {
            return false;
        }

        return !(_views.TryGetValue(worker, out var view)
            && view.Current is { } current
            && current.Dispatch.Value == runner.Name
            && (current.RunnerId is null || current.RunnerId == runner.Id));
    }

    private void OnInstances(InstancesObserved m)
    {
        Fresh(PoolSource.Instances, m.RequestedAt);
        if (_unreported.Count > 0)
        {
            return;
        }

        // Every list is filtered again on this side (invariant O1).
        var ours = m.Instances.Where(_pool.Settings.Ownership.Owns).ToArray();
        WarnOfForeign(m.Instances);
        foreach (var view in _views.Values)
        {
            if (!_children.TryGetValue(view.Name, out var child))
            {
                continue;
            }

            var seen = ours.FirstOrDefault(i => i.Name == view.Name && (view.InstanceId is null || view.InstanceId == i.Id));
            child.Tell(seen is not null ? new InstanceSeen(seen, m.RequestedAt) : new InstanceMissing(m.RequestedAt));
        }

        var unknown = ours.Where(i => IsUnknown(i, m.RequestedAt)).ToArray();
        foreach (var gone in _orphans.Keys.Except(unknown.Select(i => i.Id)).ToArray())
        {
            _orphans.Remove(gone);
        }

        foreach (var instance in unknown)
        {
            OnUnknownInstance(instance, m.RequestedAt);
        }

        AdaptCadence();
    }

    /// <summary>True for an instance of ours that is no worker's: a listing asked for before a worker ended still shows it rightly (invariant W12).</summary>
    private bool IsUnknown(Instance instance, DateTimeOffset requestedAt)
    {
        if (_views.TryGetValue(instance.Name, out var view))
        {
            return view.InstanceId is { } id && id != instance.Id;
        }

        return !_journal.Live.ContainsKey(instance.Name)
            && !_journal.Ended.ContainsKey(instance.Name)
            && !(_journal.Remembered.TryGetValue(instance.Name, out var ended) && requestedAt <= ended);
    }

    /// <summary>Destroys an instance of ours that no journal knows, after two listings and a grace, unless its runner works (invariant O2).</summary>
    private void OnUnknownInstance(Instance instance, DateTimeOffset requestedAt)
    {
        if (!_orphans.TryGetValue(instance.Id, out var orphan))
        {
            _orphans[instance.Id] = new Orphan(requestedAt, 1);
            Notice(NoticeKind.Warning, $"{instance.Name} ({instance.Id}) carries our marks and no journal knows it; it is destroyed after {Timeouts.OrphanGrace} unless its runner works (O2)", instance.Name);
            return;
        }

        _orphans[instance.Id] = orphan with { Listings = orphan.Listings + 1 };
        if (JournalHeld is not null
            || requestedAt - orphan.FirstSeen < Timeouts.OrphanGrace
            || _runners is not { } runners
            || runners.RequestedAt < orphan.FirstSeen
            || runners.Runners.Any(r => r.Status == RunnerStatus.Active && r.Name.StartsWith(instance.Name + "-", StringComparison.Ordinal)))
        {
            return;
        }

        if (_views.ContainsKey(instance.Name) || _children.ContainsKey(instance.Name))
        {
            // A second instance of a living worker's name: it cannot have a worker of its own.
            _calls.Send(
                _pool.Settings.Poll.RequestTimeout,
                token => _pool.Ports.Cloud.DeleteAsync(instance.Id, instance.Name, token),
                () => null,
                e => new LeftoverFailed($"instance {instance.Name} ({instance.Id})", e));
            return;
        }

        _orphans.Remove(instance.Id);
        var reason = new RemovalReason.Orphaned(orphan.Listings + 1, orphan.FirstSeen);
        var why = reason.ToString();
        // Known from now on: the same listing may hold a second instance of its name.
        _views[instance.Name] = new WorkerView { Name = instance.Name, Phase = WorkerPhase.Removing, PlannedAt = Now, InstanceId = instance.Id, Why = why };
        Record([new WorkerPlanned(Now, instance.Name, why)], () =>
        {
            Spawn(instance.Name, resumed: false).Tell(new AdoptOrphan(instance, null, reason));
            FollowWorkers();
        });
    }

    private void WarnOfForeign(IReadOnlyList<Instance> instances)
    {
        var foreign = instances.Where(_pool.Settings.Ownership.IsForeign).ToArray();
        _totals = _totals with { ForeignInstances = foreign.Length };
        foreach (var instance in foreign.Where(i => _foreign.Add(i.Id)))
        {
            Notice(
                NoticeKind.Warning,
                $"{instance.Name} ({instance.Id}) carries our tag '{_pool.Settings.Ownership.Tag}' and not our owner identity {_pool.Settings.Ownership.Owner}: " +
                "it belongs to another pool or deployment and is left alone; give each deployment a tag of its own (O1)");
        }

        _foreign.IntersectWith(foreign.Select(i => i.Id));
    }

    private sealed record Orphan(DateTimeOffset FirstSeen, int Listings);

    private sealed record LeftoverFailed(string What, Exception Error);
}
