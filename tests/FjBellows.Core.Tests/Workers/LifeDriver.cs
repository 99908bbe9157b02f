using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>Drives the pure life of a worker: no actor, no scheduler, clocks that are set by hand.</summary>
internal sealed class LifeDriver(Func<PoolSettings, PoolSettings>? with = null, BillingModel? billing = null)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public PoolSettings Settings { get; } = (with ?? (s => s))(new PoolSettings
    {
        Name = "default",
        Labels = LabelSet.Parse(["docker"]),
        Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "default"),
    });

    /// <summary>The clock that cannot be set.</summary>
    public TimeSpan Elapsed { get; set; } = TimeSpan.FromHours(3);

    /// <summary>By how much the wall clock was set.</summary>
    public TimeSpan Set { get; set; }

    public Worker Worker { get; private set; } = new() { Name = "cid-w001" };

    public List<IWorkerEvent> Journal { get; } = [];

    public Step Last { get; private set; }

    public DateTimeOffset Now => Start + Elapsed + Set;

    /// <summary>True once the cloud's clock was measured.</summary>
    public bool Measured { get; set; }

    public Moment At => new(Now, Elapsed, Settings, billing ?? BillingModel.Hourly) { CloudIsMeasured = Measured };

    public Assignment Current => Worker.State.Current!;

    public IEnumerable<IWorkerReport> Told => Last.Effects.OfType<Effect.Tell>().Select(t => t.Report);

    public IEnumerable<SessionProtocol.ISessionCommand> Commands => Last.Effects.OfType<Effect.ToSession>().Select(t => t.Command);

    public Step On(IWorkerInput input)
    {
        Last = WorkerLife.Decide(Worker, input, At);
        Worker = Last.Next;
        Journal.AddRange(Last.Events);
        return Last;
    }

    /// <summary>Lets time pass; every deadline on the way is reached.</summary>
    public List<Effect> Pass(TimeSpan time)
    {
        var effects = new List<Effect>();
        var end = Elapsed + time;
        for (var steps = 0; ; steps++)
        {
            steps.ShouldBeLessThan(100_000, "a deadline that is never dealt with");
            var wait = Deadlines.Next(Worker, At);
            if (Elapsed + wait > end)
            {
                Elapsed = end;
                return effects;
            }

            Elapsed += wait;
            effects.AddRange(On(WorkerInput.DeadlineReached.Instance).Effects);
        }
    }

    /// <summary>A restart: only the journal is left.</summary>
    public Step Restart()
    {
        Worker =
            new Worker { Name = "cid-w001", Resumed = true, State = Journal.Aggregate(WorkerState.Empty, (state, e) => state.Apply(e)) };
        return On(new WorkerInput.Recovered());
    }

    public LifeDriver Provisioning()
    {
        On(new Provision("job 17 waits"));
        On(new WorkerInput.Seeded(new WorkerSeed("ssh-ed25519 pin", new Secret(""), [])));
        On(new WorkerInput.Created(Machine()));
        return this;
    }

    public LifeDriver Idle()
    {
        Provisioning();
        On(new SessionProtocol.Ready("v12.10.1", "ssh-ed25519 pin", [], Proven: true));
        Worker.Phase.ShouldBe(WorkerPhase.Idle);
        return this;
    }

    public LifeDriver Assigned()
    {
        if (Worker.Phase is null)
        {
            Idle();
        }

        On(new Assign(Job(), Warm: true));
        Worker.Phase.ShouldBe(WorkerPhase.Busy);
        return this;
    }

    public LifeDriver Running()
    {
        Assigned();
        On(new WorkerInput.Registered(Current.Dispatch, new RunnerCredentials(5, "u-5", new Secret("token"))));
        On(new SessionProtocol.Launched(Current.Dispatch));
        Current.StartedAt.ShouldNotBeNull();
        return this;
    }

    /// <summary>Forgejo answers the question after the registration that is under way, or that is made now.</summary>
    public Step Answer(RunnerStatus? status, JobSeen job = JobSeen.NotAsked) =>
        On(new WorkerInput.RunnerAnswered(Current.Dispatch, Elapsed, Row(status), job));

    public static RegisteredRunner? Row(RunnerStatus? status) =>
        status is { } known ? new RegisteredRunner(5, "u-5", "cid-w001-1", known, true) : null;

    public static QueuedJob Job() => new(17, 1, "handle-17", 1, 1, "build", ["docker"], JobStatus.Waiting, 0);

    public Instance Machine() => new(new InstanceId("i-1"), "cid-w001", InstanceStatus.Running, Now, ["192.0.2.7"], [], "eu small", 0.01m);
}
