using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Tests.Pool;

/// <summary>What a pool remembers when its clock is set.</summary>
[Trait("Invariant", "B7")]
public sealed class ClockSetTests
{
    private static readonly DateTimeOffset Then = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan By = TimeSpan.FromHours(-5);
    private static readonly BackoffSettings Waits = new(TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));
    private static readonly QueuedJob Job = new(17, 1, "handle-17", 1, 1, "build", ["docker"], JobStatus.Waiting, 0);

    /// <summary>What is made anew by the next plan or report, and moments of others.</summary>
    private static readonly Type[] NotRemembered = [typeof(PoolPlan), typeof(WorkerView), typeof(QueuedJob), typeof(DispatchOutcome)];

    [Fact]
    [Trait("Invariant", "J5")]
    public void Every_moment_that_a_pool_remembers_moves_with_the_clock()
    {
        var before = Moments(Everything()).ToDictionary();
        before.ShouldAllBe(m => m.Value != default, "a moment of what is known that this test does not fill in");
        before.Count.ShouldBeGreaterThan(15);
        var after = Moments(Everything().Moved(By)).ToDictionary();
        after.ShouldBe(before.Select(m => KeyValuePair.Create(m.Key, m.Value + By)), ignoreOrder: true);
    }

    [Fact]
    public void Nothing_known_is_nothing_to_move() => Moments(new Known().Moved(By)).ShouldAllBe(m => m.Value == default);

    [Fact]
    [Trait("Invariant", "R5")]
    public void The_journal_s_health_moves_with_the_clock()
    {
        var refused = JournalHealth.Unproven.Refused(HistoryRefusal.Connection, "disk full", Then);
        refused.Moved(By).RetryAt.ShouldBe(refused.RetryAt + By);
        JournalHealth.Unproven.Moved(By).RetryAt.ShouldBe(default);
        JournalHealth.Unproven.Written(Then).Moved(By).IsProven(Then + By).ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_job_that_was_held_for_minutes_is_held_for_minutes()
    {
        var held = JobBackoff.None.After(Outcome(OutcomeKind.NoTask), Waits);
        var wait = held.Until - Then;
        wait.ShouldBeGreaterThan(TimeSpan.Zero);
        var moved = held.Moved(By);
        moved.HoldsAt(Then + By + (wait * 0.9)).ShouldBeTrue();
        moved.HoldsAt(Then + By + wait).ShouldBeFalse();
        moved.Free(Then + By).Freed.ShouldBeFalse("what was asked before it ended says nothing");
    }

    private static Known Everything()
    {
        var worker = new KnownWorker
        {
            Name = "cid-w001",
            PhaseSince = Then,
            DisconnectedSince = Then,
            KeptUntil = Then,
            FailingSince = Then,
        };
        var provisioning = ProvisioningBackoff.Open.CreateFailed(CloudErrorKind.Transient, "502", null, Then, Waits, 0);
        var orphan = new Instance(
            new InstanceId("i-9"), "cid-old", InstanceStatus.Running, Then.AddDays(-1), [], ["cid", "fjb-0000000000000001"], "", null);
        var (orphans, _) = Orphans.None.Observe(Listing(orphan, orphan with { Id = new("i-8"), Name = "cid-new", CreatedAt = Then }));
        return new Known
        {
            Workers = new Known().Workers.Add(worker.Name, worker),
            Jobs = ImmutableDictionary<JobKey, KnownJob>.Empty.Add(Job.Key, new KnownJob(Job, Then, true)
            {
                Backoff = JobBackoff.None.After(Outcome(OutcomeKind.NoTask), Waits),
            }),
            Sources = ImmutableDictionary<PoolSource, SourceHealth>.Empty
                .Add(PoolSource.Jobs, new SourceHealth(PoolSource.Jobs, Then, null, TimeSpan.FromMinutes(1))),
            JobsAt = Then,
            Runners = new RunnersObserved([], Then),
            LeftoverRunners = ImmutableDictionary<long, DateTimeOffset>.Empty.Add(5, Then),
            Orphans = orphans,
            Provisioning = provisioning,
            Dispatching = DispatchBreaker.Closed.Succeeded("cid-w002", Then).Failed("cid-w001", "401", Then).Failed("cid-w002", "401", Then)
                .Planned(Then),
            Network = NetworkState.None with { Making = provisioning },
            Hold = new ProvisioningHold.CostLimit(Then, 9, 1, Then),
            PlannedAt = Then,
        };
    }

    private static OrphanListing Listing(params Instance[] instances) => new()
    {
        Instances = instances,
        RequestedAt = Then,
        Ownership = new Ownership("cid", "fjb-0000000000000001"),
        Siblings = ImmutableHashSet<string>.Empty,
        IsUnknown = _ => true,
        IsOwnName = _ => false,
        StartedAt = Then.AddHours(-1),
        Predecessor = TimeSpan.FromMinutes(10),
        Grace = TimeSpan.FromMinutes(2),
    };

    private static DispatchOutcome Outcome(OutcomeKind kind) => new(
        "default", "cid-w001", new Assignment(new("cid-w001-1"), Job, Then.AddMinutes(-1), Warm: true), kind, Then, null, "");

    /// <summary>Every moment of what is known, by its path.</summary>
    private static IEnumerable<KeyValuePair<string, DateTimeOffset>> Moments(object? value, string path = "")
    {
        switch (value)
        {
            case DateTimeOffset moment:
                return [KeyValuePair.Create(path, moment)];
            case null or string or Type:
                return [];
            case IEnumerable many:
                return many.Cast<object>().SelectMany((item, i) => Moments(item, $"{path}[{i}]"));
            case ITuple tuple:
                return Enumerable.Range(0, tuple.Length).SelectMany(i => Moments(tuple[i], $"{path}.{i}"));
            default:
                var type = value.GetType();
                var isPair = type.Name.StartsWith("KeyValuePair", StringComparison.Ordinal);
                return NotRemembered.Contains(type) || !(isPair || type.Assembly == typeof(Known).Assembly) ? [] : type
                    .GetProperties(BindingFlags.Instance | BindingFlags.Public)
                    .Where(p => p.GetIndexParameters().Length == 0
                        && (isPair || p.GetMethod!.IsDefined(typeof(CompilerGeneratedAttribute))))
                    .SelectMany(p => Moments(p.GetValue(value) ?? Missing(p), $"{path}.{p.Name}"));
        }
    }

    private static object? Missing(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) == typeof(DateTimeOffset) ? default(DateTimeOffset) : null;
}
