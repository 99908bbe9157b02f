using System.Diagnostics.CodeAnalysis;
using FjBellows.Billing;
using FjBellows.Costs;
using FjBellows.Daemon.Control.Api;
using FjBellows.Pool;
using FjBellows.Workers;
using Prometheus;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>What the pools publish and say, as numbers for Prometheus. Every label is of a bounded set: no worker, no job, no
/// repository.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore holds nothing to dispose unless its wait handle is taken.")]
internal sealed class ControlMetrics
{
    private static readonly double[] Moments = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Waits = [0.5, 1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600];

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly SemaphoreSlim _scrape = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Pool, string Worker), Life> _lives = [];

    private readonly Gauge _workers;
    private readonly Gauge _workersTotal;
    private readonly Gauge _max;
    private readonly Gauge _healthy;
    private readonly Gauge _tickAge;
    private readonly Gauge _sourceAge;
    private readonly Gauge _paused;
    private readonly Gauge _held;
    private readonly Gauge _breaker;
    private readonly Gauge _otherDaemon;
    private readonly Gauge _cloudClock;
    private readonly Gauge _waiting;
    private readonly Gauge _foreign;
    private readonly Gauge _journal;
    private readonly Gauge _answer;
    private readonly Gauge _budgetLeft;
    private readonly Gauge _costRatio;
    private readonly Gauge _bound;
    private readonly Counter _planned;
    private readonly Counter _refused;
    private readonly Counter _bootFailures;
    private readonly Counter _missed;
    private readonly Counter _billed;
    private readonly Counter _busy;
    private readonly Counter _booted;
    private readonly Counter _idle;
    private readonly Counter _events;
    private readonly Counter _jobs;
    private readonly Histogram _wait;
    private readonly Histogram _pickup;
    private readonly Histogram _run;
    private readonly Histogram _boot;
    private readonly Histogram _delete;
    private readonly Histogram _calls;

    /// <summary>Counts nothing yet.</summary>
    public ControlMetrics()
    {
        var make = Prometheus.Metrics.WithCustomRegistry(_registry);
        make.CreateGauge("fjb_build_info", "The program.", "version").WithLabels(ProgramVersion.Text).Set(1);
        _workers = make.CreateGauge("fjb_workers", "Workers by state.", "pool", "state");
        _workersTotal = make.CreateGauge(
            "fjb_workers_total", "Workers that exist. A gauge with a counter's name, for compatibility with existing dashboards.", "pool");
        _max = make.CreateGauge("fjb_workers_max", "The most workers at once.", "pool");
        _healthy = make.CreateGauge("fjb_healthy", "1 while every pool answers and no source is stale.");
        _tickAge = make.CreateGauge("fjb_last_tick_age_seconds", "Seconds since the queue was last read successfully.", "pool");
        _sourceAge = make.CreateGauge("fjb_source_age_seconds", "Seconds since a source last answered successfully.", "pool", "source");
        _paused = make.CreateGauge("fjb_paused", "1 while the pool is paused by an operator.", "pool");
        _held = make.CreateGauge("fjb_provisioning_suspended", "1 while provisioning is suspended or backs off.", "pool");
        _breaker = make.CreateGauge("fjb_provisioning_breaker_open", "1 while provisioning only probes or waits for an operator.", "pool");
        _otherDaemon = make.CreateGauge("fjb_other_daemon_instances", "Instances of this pool that another daemon created.", "pool");
        _cloudClock = make.CreateGauge("fjb_cloud_clock_difference_seconds", "By how much the cloud's clock is ahead of ours.", "pool");
        _waiting = make.CreateGauge("fjb_jobs_waiting", "Jobs that wait.", "pool");
        _foreign = make.CreateGauge("fjb_foreign_instances", "Instances with our tag and another owner.", "pool");
        _journal = make.CreateGauge("fjb_journal_write_seconds", "How long the last write to the pool's journal took.", "pool");
        _answer = make.CreateGauge("fjb_pool_answer_seconds", "How long the pool's last answer took: its mailbox's lag.", "pool");
        _budgetLeft = make.CreateGauge("fjb_provider_requests_left", "Requests that may be sent to the provider now.", "pool", "kind");
        _planned = make.CreateCounter(
            "fjb_workers_planned_total", "Workers provisioned, by reason: a waiting job, or an operator's request.", "pool", "reason");
        _refused = make.CreateCounter("fjb_create_failures_total", "Creates that the cloud refused.", "pool");
        _bootFailures = make.CreateCounter("fjb_boot_failures_total", "Workers deleted before they were ready.", "pool");
        _missed = make.CreateCounter(
            "fjb_billing_boundary_missed_total", "Billing periods that began although the worker should have been deleted.", "pool");
        _billed = make.CreateCounter("fjb_billed_seconds_total", "Time billed for deleted workers.", "pool");
        _busy = make.CreateCounter("fjb_busy_seconds_total", "Time jobs ran on deleted workers.", "pool");
        _booted = make.CreateCounter("fjb_boot_seconds_total", "Time from the start of billing to readiness, of deleted workers.", "pool");
        _idle = make.CreateCounter(
            "fjb_idle_seconds_total", "Billed time of deleted workers in which they neither booted nor ran a job.", "pool");
        _costRatio = make.CreateGauge(
            "fjb_cost_ratio", "Time billed today (UTC), divided by the least that an immediate start of every job could have cost.",
            "pool");
        _bound = make.CreateGauge(
            "fjb_bound_seconds", "The least time that could have been billed today (UTC) if every job had started at once.", "pool");
        _events = make.CreateCounter("fjb_events_total", "Events by type.", "pool", "type");
        _jobs = make.CreateCounter("fjb_jobs_total", "Dispatches by outcome.", "pool", "outcome");
        _wait = Timed(
            make, "fjb_job_wait_seconds", "Time from the first observation of a waiting job to its start.", Waits, "pool", "start");
        _pickup = Timed(make, "fjb_job_pickup_seconds", "Time from the dispatch of a job to its start.", Moments, "pool");
        _run = Timed(make, "fjb_job_run_seconds", "How long jobs ran.", Waits, "pool", "outcome");
        _boot = Timed(make, "fjb_worker_boot_seconds", "Time from a worker's creation to its readiness.", Waits, "pool");
        _delete = Timed(
            make, "fjb_worker_delete_seconds", "Time from the decision to delete a worker to the proof that it is deleted.", Waits, "pool");
        _calls = Timed(
            make, "fjb_call_seconds", "Calls to Forgejo, the provider and the history, by their result.", Moments, "target", "operation",
            "result");
    }

    /// <summary>Counts a call.</summary>
    /// <param name="target">Whom.</param>
    /// <param name="operation">What for.</param>
    /// <param name="result">How it went.</param>
    /// <param name="took">How long it took.</param>
    public void Call(string target, string operation, string result, TimeSpan took) =>
        _calls.WithLabels(target, operation, result).Observe(took.TotalSeconds);

    /// <summary>Counts what a pool publishes.</summary>
    /// <param name="published">What it published.</param>
    public void Take(object published)
    {
        switch (published)
        {
            case PoolNotice m:
                _events.WithLabels(m.Pool, SnakeCase.Of(m.Kind)).Inc();
                break;
            case WorkerChanged m:
                InLife(m.Pool, m.View.Name, life => Moved(life, m.Pool, m.View));
                break;
            case DispatchOutcome m:
                _jobs.WithLabels(m.Pool, SnakeCase.Of(m.Kind)).Inc();
                if (m.Assignment.StartedAt is not null)
                {
                    _run.WithLabels(m.Pool, SnakeCase.Of(m.Kind)).Observe(m.Ran.TotalSeconds);
                }

                break;
            case WorkerLedger m:
                Gone(m);
                break;
        }
    }

    /// <summary>Takes what today cost.</summary>
    /// <param name="costs">Each pool's day.</param>
    public void SetCosts(IReadOnlyList<CostInfo> costs)
    {
        foreach (var cost in costs)
        {
            _bound.WithLabels(cost.Pool).Set(cost.LeastBilledSeconds);
            if (cost.Ratio is { } ratio)
            {
                _costRatio.WithLabels(cost.Pool).Set(ratio);
            }
            else
            {
                // A day without a job has none, and yesterday's is not today's.
                _costRatio.RemoveLabelled(cost.Pool);
            }
        }
    }

    /// <summary>Writes everything in Prometheus' text format.</summary>
    /// <param name="said">What the pools say.</param>
    /// <param name="healthy">True when nothing is wrong.</param>
    /// <param name="pools">The pools as they were started.</param>
    /// <param name="to">Where to.</param>
    public async Task WriteAsync(
        IReadOnlyList<PoolSnapshot> said, bool healthy, IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> pools, Stream to,
        CancellationToken cancellationToken)
    {
        await _scrape.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _healthy.Set(healthy ? 1 : 0);
            foreach (var one in said)
            {
                if (one.Took is { } took)
                {
                    _answer.WithLabels(one.Pool).Set(took.TotalSeconds);
                }

                if (one.Status is { } status)
                {
                    Set(status);
                }
            }

            foreach (var (settings, ports) in pools)
            {
                foreach (var budget in ports.Cloud.Parts.Budget?.Left ?? [])
                {
                    _budgetLeft.WithLabels(settings.Name, budget.Kind).Set(budget.Left);
                }
            }

            await _registry.CollectAndExportAsTextAsync(to, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _scrape.Release();
        }
    }

    private static Histogram Timed(MetricFactory make, string name, string help, double[] buckets, params string[] labels) =>
        make.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = buckets });

    private void Set(PoolStatus status)
    {
        var pool = status.Name;
        foreach (var phase in Enum.GetValues<WorkerPhase>().Where(p => p != WorkerPhase.Removed))
        {
            _workers.WithLabels(pool, SnakeCase.Of(phase)).Set(status.Workers.Count(w => w.Phase == phase));
        }

        _workersTotal.WithLabels(pool).Set(status.Workers.Count);
        _max.WithLabels(pool).Set(status.Max);
        _paused.WithLabels(pool).Set(status.Paused ? 1 : 0);
        _held.WithLabels(pool).Set(status.ProvisioningSuspended is null ? 0 : 1);
        _breaker.WithLabels(pool).Set(status.Hold?.IsBreaker == true ? 1 : 0);
        _otherDaemon.WithLabels(pool).Set(status.Totals.OtherDaemonInstances);
        _cloudClock.WithLabels(pool).Set(status.CloudClockDifference.TotalSeconds);
        _waiting.WithLabels(pool).Set(status.Waiting.Count);
        _foreign.WithLabels(pool).Set(status.Totals.ForeignInstances);
        _journal.WithLabels(pool).Set(status.JournalLatency?.TotalSeconds ?? 0);
        foreach (var source in status.Sources)
        {
            var age = source.LastSuccess is { } at ? Math.Max(0, (status.At - at).TotalSeconds) : double.NaN;
            _sourceAge.WithLabels(pool, SnakeCase.Of(source.Source)).Set(age);
            if (source.Source == PoolSource.Jobs)
            {
                _tickAge.WithLabels(pool).Set(age);
            }
        }

        var totals = status.Totals;
        _planned.WithLabels(pool, "job").IncTo(totals.WorkersPlanned - totals.WorkersAskedFor);
        _planned.WithLabels(pool, "operator").IncTo(totals.WorkersAskedFor);
        _refused.WithLabels(pool).IncTo(totals.CreateFailures);
        _bootFailures.WithLabels(pool).IncTo(totals.BootFailures);
        _missed.WithLabels(pool).IncTo(totals.MissedBoundaries);
        _billed.WithLabels(pool).IncTo(totals.Billed.TotalSeconds);
        _busy.WithLabels(pool).IncTo(totals.Busy.TotalSeconds);
        _booted.WithLabels(pool).Publish();
        _idle.WithLabels(pool).Publish();
    }

    private Life Moved(Life life, string pool, WorkerView view)
    {
        if (life.Phase == WorkerPhase.Provisioning && view is { Phase: WorkerPhase.Idle, CreatedAt: { } created, ReadyAt: { } ready })
        {
            _boot.WithLabels(pool).Observe(Math.Max(0, (ready - created).TotalSeconds));
        }

        // Only what was seen to be given away is timed: what a restart found running was counted before it.
        if (view.Current is { StartedAt: { } started } current && life.Starting == current.Dispatch.Value)
        {
            _wait.WithLabels(pool, current.Warm ? "warm" : "cold")
                .Observe(Math.Max(0, (started - (current.SeenAt ?? current.AssignedAt)).TotalSeconds));
            _pickup.WithLabels(pool).Observe(Math.Max(0, (started - current.AssignedAt).TotalSeconds));
            life = life with { Starting = null };
        }
        else if (view.Current is { StartedAt: null } coming)
        {
            life = life with { Starting = coming.Dispatch.Value };
        }

        return life with
        {
            Phase = view.Phase,
            Removing = view.Phase == WorkerPhase.Removing ? life.Removing ?? System.Diagnostics.Stopwatch.GetTimestamp() : null,
        };
    }

    private void Gone(WorkerLedger m)
    {
        lock (_gate)
        {
            if (_lives.Remove((m.Pool, m.Worker), out var life) && life.Removing is { } since && m.InstanceId is not null)
            {
                _delete.WithLabels(m.Pool).Observe(System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalSeconds);
            }
        }

        if (m.InstanceId is not null)
        {
            var gone = CostReport.Of([], [m], BillingModel.PerSecond);
            _booted.WithLabels(m.Pool).Inc(gone.Boot.TotalSeconds);
            _idle.WithLabels(m.Pool).Inc(gone.Idle.TotalSeconds);
        }
    }

    private void InLife(string pool, string worker, Func<Life, Life> step)
    {
        lock (_gate)
        {
            _lives[(pool, worker)] = step(_lives.GetValueOrDefault((pool, worker), Life.Unknown));
        }
    }

    private sealed record Life(WorkerPhase? Phase, string? Starting, long? Removing)
    {
        public static Life Unknown { get; } = new(null, null, null);
    }
}
