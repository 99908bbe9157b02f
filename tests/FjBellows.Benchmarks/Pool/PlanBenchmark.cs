using System.Diagnostics;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Benchmarks.Pool;

/// <summary>One plan over a large pool: 400 workers free, 400 busy, 200 on their way; 10,000 jobs listed, of which 400 run and 200 are
/// held.</summary>
internal static class PlanBenchmark
{
    private const int Workers = 1000;
    private const int Jobs = 10_000;
    private const int Runs = 200;

    public static int Run() =>
        Run($"a plan over {Workers:N0} workers and {Jobs:N0} jobs", "≤ 20 ms", 20, Input())
        + Run("the same with a wait budget of 5 min", "≤ 100 ms", 100, Input() with { Policy = InTime });

    private static ProvisionInTime InTime => new(
        new WaitSettings { Budget = TimeSpan.FromMinutes(5) },
        new DurationEstimator(TimeSpan.FromMinutes(5)),
        new WorkerTerms(FjBellows.Billing.BillingModel.PerSecond, TimeSpan.FromMinutes(5), SingleUse: false));

    private static int Run(string name, string goal, double most, PlanInput input)
    {
        var figure = new Figure(name);
        var first = Time(input);
        var times = Enumerable.Range(0, Runs).Select(_ => Time(input)).ToArray();
        var (p50, p95) = (Figure.At(times, 0.5), Figure.At(times, 0.95));
        return figure.Row(goal, $"p50 {Figure.N(p50)} ms, p95 {Figure.N(p95)} ms, the first {Figure.N(first)} ms", p95 <= most);
    }

    private static double Time(PlanInput input)
    {
        var began = Stopwatch.GetTimestamp();
        var plan = PoolPlanner.Plan(input);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return plan.Dispatches.Count == 400
            ? took
            : throw new InvalidOperationException($"{plan.Dispatches.Count} dispatches instead of 400");
    }

    private static PlanInput Input()
    {
        var now = DateTimeOffset.UtcNow;
        var jobs = Enumerable.Range(1, Jobs).Select(i => new QueuedJob(
            i, 1, $"handle-{i}", 1 + (i % 50), 1, $"job {i}", ["docker"], i <= 400 ? JobStatus.Running : JobStatus.Waiting,
            i <= 400 ? i : 0)).Reverse().ToArray();
        var workers = Enumerable.Range(1, Workers).Select(i => new WorkerView
        {
            Name = $"bench-{i:x4}",
            Phase = i <= 400 ? WorkerPhase.Idle : i <= 800 ? WorkerPhase.Busy : WorkerPhase.Provisioning,
            Usable = i <= 800,
            TeardownDeadline = now + TimeSpan.FromMinutes(1 + (i % 55)),
            Current = i is > 400 and <= 800 ? new Assignment(new DispatchId($"bench-{i:x4}-1"), jobs[^(i - 400)], now, Warm: true) : null,
        }).Select(v => new KnownWorker { Name = v.Name, Runs = true, View = v }).ToArray();
        var known = new Known().With(new PoolProtocol.JobsObserved(jobs, now), now, TimeSpan.FromHours(1));
        foreach (var job in jobs.Where(j => j.Id is > 400 and <= 600))
        {
            var assignment = new Assignment(new DispatchId($"held-{job.Id}"), job, now.AddSeconds(-20), Warm: true);
            var failed = new DispatchOutcome("bench", "gone", assignment, OutcomeKind.NoTask, now.AddSeconds(-1), null, "held");
            known = known.With(failed, new TimeoutSettings().NoTaskHold, now);
        }

        return new PlanInput
        {
            Now = now,
            Labels = LabelSet.Parse(["docker:docker://debian:12", "arm64:host"]),
            Max = Workers + 100,
            Jobs = known.Jobs.Values,
            ObservedAt = now,
            Workers = workers,
        };
    }
}
