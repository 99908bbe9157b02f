using CsCheck;
using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Reasons;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>What holds of every life, whatever comes in which order: 100,000 random steps.</summary>
public sealed class WorkerLifeProperties
{
    private const int Lives = 500;
    private const int StepsPerLife = 200;

    [Fact]
    [Trait("Invariant", "W7")]
    [Trait("Invariant", "W8")]
    [Trait("Invariant", "J10")]
    public void No_input_in_any_state_throws_moves_a_phase_upwards_or_loses_an_outcome()
    {
        var (reached, met, ended) = (new HashSet<WorkerPhase>(), new HashSet<Type>(), 0);
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed =>
            {
                var life = new RandomLife(new Random(seed));
                for (var i = 0; i < StepsPerLife; i++)
                {
                    life.Step();
                    if (life.Driver.Worker.Phase is { } phase)
                    {
                        reached.Add(phase);
                    }
                }

                ended += life.Outcomes;
                met.UnionWith(life.Inputs);
            },
            iter: Lives,
            threads: 1,
            seed: "0000KOIPe4C3");
        reached.Count.ShouldBe(6);
        ended.ShouldBeGreaterThan(Lives / 2);

        // An operator's command goes to the session, past the table.
        typeof(IWorkerInput).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false, IsInterface: false } && t.IsAssignableTo(typeof(IWorkerInput)) && t != typeof(Execute))
            .Except(met).ShouldBeEmpty("inputs that no random life meets: add them to Answer or Anything");
    }

    [Fact]
    [Trait("Invariant", "B7")]
    public void A_deadline_that_is_reached_moves_or_ends()
    {
        var decided = new HashSet<int>();
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed =>
            {
                var life = new RandomLife(new Random(seed), seed % 2 == 0 ? BillingModel.Hourly : BillingModel.PerSecond);
                for (var i = 0; i < StepsPerLife; i++)
                {
                    life.Step();
                    life.Settle(decided);
                }
            },
            iter: Lives / 2,
            threads: 1,
            seed: "0000KOIPe4C3");
        var rows = Deadlines.All(new LifeDriver().Worker, new LifeDriver().At).Count;
        Enumerable.Range(0, rows).Except(decided).ShouldBeEmpty("rows of Deadlines.All that decide in no random life");
    }

    /// <summary>One life: effects are answered well, badly, late or never, and anything at all comes in between.</summary>
    private sealed class RandomLife(Random random, BillingModel? billing = null)
    {
        private readonly List<Effect> _pending = [];
        private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
        private int _deletions;

        public LifeDriver Driver { get; } = new(billing: billing);

        public int Outcomes => _ended.Count;

        public void Step()
        {
            var before = Driver.Worker;
            var input = Next();
            if (input is WorkerInput.DeleteAnswered or WorkerInput.DeleteFailed)
            {
                _deletions--;
            }

            Inputs.Add(input.GetType());
            var step = input is WorkerInput.Recovered ? Restarted() : Driver.On(input);
            Check(before, input, step);
            foreach (var effect in step.Effects)
            {
                _deletions += effect is Effect.DeleteInstance ? 1 : 0;
                _pending.Add(effect);
            }

            _deletions.ShouldBeLessThanOrEqualTo(1, "two deletions are under way");
        }

        /// <summary>The kinds of input that it met.</summary>
        public HashSet<Type> Inputs { get; } = [];

        /// <summary>Now, later, and at each row's moment: what is due decides at most a few times before nothing is due any more.</summary>
        public void Settle(HashSet<int> decided)
        {
            var now = Driver.At;
            var due = Deadlines.All(Driver.Worker, now).Where(row => row.At > now.Elapsed).Select(row => row.At!.Value - now.Elapsed);
            foreach (var later in due.Append(TimeSpan.Zero).Append(TimeSpan.FromMinutes(20)).Distinct().ToArray())
            {
                var at = now with { Now = now.Now + later, Elapsed = now.Elapsed + later };
                var worker = Driver.Worker;
                for (var decisions = 0; Deadlines.Next(worker, at) == TimeSpan.Zero; decisions++)
                {
                    decisions.ShouldBeLessThan(50, "a deadline stays due: the timer would fire without a pause");
                    decided.Add(Deadlines.All(worker, at).Select(row => row.At).ToList().FindIndex(due => due <= at.Elapsed));
                    worker = WorkerLife.Decide(worker, WorkerInput.DeadlineReached.Instance, at).Next;
                }
            }
        }

        private Step Restarted()
        {
            _pending.Clear();
            _deletions = 0;
            return Driver.Restart();
        }

        private void Check(Worker before, IWorkerInput input, Step step)
        {
            var (from, to) = (before.Phase, step.Next.Phase);
            var back = from == WorkerPhase.Busy && to == WorkerPhase.Idle;
            if (!back && from is not null && !(to >= from))
            {
                // Written out only then: an input's text costs more than its step.
                Assert.Fail($"{input} led from {from} to {to}");
            }

            if (random.Next(20) == 0)
            {
                Driver.Journal.Aggregate(WorkerState.Empty, (state, e) => state.Apply(e)).ShouldBe(step.Next.State);
            }

            foreach (var assigned in step.Events.OfType<JobAssigned>())
            {
                before.Unrecorded.ShouldBeNull("a job is taken although an outcome may still be lost");
                to.ShouldNotBe(WorkerPhase.Draining);
            }

            (to is not (WorkerPhase.Removing or WorkerPhase.Removed) || step.Next.State.Current is null)
                .ShouldBeTrue("a job is left on a worker that is deleted");
            var reports = step.Effects.OfType<Effect.Tell>().Select(t => t.Report).ToArray();
            foreach (var ended in step.Events.OfType<JobEnded>())
            {
                var dispatch = step.Next.State.LastEnded!.Assignment.Dispatch;
                _ended.Add(dispatch.Value).ShouldBeTrue("a dispatch ends twice");
                reports.OfType<DispatchEnded>().Any(r => r.Outcome.Assignment.Dispatch == dispatch && !r.Recovered)
                    .ShouldBeTrue("an end is not reported");
            }

            if (reports.Any(r => r is Gone))
            {
                step.Next.Unrecorded.ShouldBeNull("it is reported gone before its outcome is recorded");
            }

            if (to is WorkerPhase.Removing or WorkerPhase.Removed)
            {
                step.Effects.Any(e => e is Effect.RegisterRunner or Effect.ToSession { Command: SessionProtocol.Launch })
                    .ShouldBeFalse("a job is started on a worker that is deleted");
            }
        }

        private IWorkerInput Next()
        {
            // Clocks go on, and now and then one is set.
            if (random.Next(3) == 0)
            {
                Driver.Elapsed += TimeSpan.FromSeconds(Math.Pow(10, random.NextDouble() * 4));
            }

            if (random.Next(60) == 0)
            {
                Driver.Set = TimeSpan.FromHours(random.Next(-9, 9));
            }

            if (_pending.Count > 0 && random.Next(3) > 0)
            {
                var i = random.Next(_pending.Count);
                var effect = _pending[i];
                _pending.RemoveAt(i);
                if (Answer(effect) is { } answer)
                {
                    return answer;
                }
            }

            return Driver.Worker.Phase is null && random.Next(2) == 0 ? new Provision("x") : Anything();
        }

        private IWorkerInput? Answer(Effect effect) => effect switch
        {
            Effect.Seed =>
                Well() ? new WorkerInput.Seeded(
                    new WorkerSeed("key", new Secret(""), [])) : new WorkerInput.SeedFailed(new TimeoutException()),
            Effect.CreateInstance => Well() ? new WorkerInput.Created(Machine()) : new WorkerInput.CreateFailed(Refusal()),
            Effect.FindInstance =>
                Well() ? new WorkerInput.FindAnswered(Well() ? Machine() : null) : new WorkerInput.FindFailed(new TimeoutException()),
            Effect.GetInstance =>
                new WorkerInput.InstanceAnswered(
                    random.Next(6) == 0 ? null : Machine(), random.Next(6) == 0 ? new TimeoutException() : null),
            Effect.DeleteInstance => Well() ? new WorkerInput.DeleteAnswered(Well()) : new WorkerInput.DeleteFailed(Refusal()),
            Effect.RegisterRunner e => Well()
                ? new WorkerInput.Registered(e.Dispatch, new RunnerCredentials(random.Next(100), "u", new Secret("t")))
                : new WorkerInput.RegisterFailed(
                    e.Dispatch, new ForgejoException(ForgejoErrorKind.RateLimited, "429", TimeSpan.FromSeconds(9))),
            Effect.LookUpRunner e => Well() ? Runner(e.Dispatch) : new WorkerInput.RunnerUnknown(e.Dispatch, null),
            Effect.OpenSession e => Well()
                ? new SessionProtocol.Ready(
                    "ready", "key", e.Dispatch is { } job && Well() ? [new RunnerProcess(job, Well(), null)] : [],
                    Proven: e.Dispatch is null || !Well())
                : new SessionProtocol.Down(Any<SessionErrorKind>(), "no"),
            Effect.ToSession { Command: SessionProtocol.CheckReady } =>
                Well() ? new SessionProtocol.Ready("ready", "key", [], Proven: true) : new SessionProtocol.NotReady("not yet", false),
            Effect.ToSession { Command: SessionProtocol.Launch m } =>
                Well() ? new SessionProtocol.Launched(m.Job.Dispatch) : new SessionProtocol.CommandFailed(m, "slow"),
            Effect.ToSession { Command: SessionProtocol.CleanUp m } =>
                Well() ? new SessionProtocol.Cleaned(m.Dispatch) : new SessionProtocol.CleanUpFailed(m.Dispatch, "no"),
            Effect.ToSession { Command: SessionProtocol.Signal m } =>
                Well() ? new SessionProtocol.Signalled(m.Dispatch, m.What) : new SessionProtocol.CommandFailed(m, "no"),
            Effect.ToSession { Command: SessionProtocol.EndWait m } =>
                Well() ? new SessionProtocol.WaitEnded(m.Dispatch, Any<WaitEnd>()) : new SessionProtocol.CommandFailed(m, "no"),
            Effect.ToSession { Command: SessionProtocol.Inspect m } => new SessionProtocol.Inspected(m.Round, Processes()),
            Effect.Tell { Report: DispatchEnded m } => Well() ? new OutcomeRecorded(m.Outcome.Assignment.Dispatch) : null,
            Effect.Tell { Report: Changed { View.Phase: WorkerPhase.Idle } } => new Assign(LifeDriver.Job(), true),
            Effect.Tell { Report: Gone } => Purge.Instance,
            Effect.Forget => Well() ? new WorkerInput.Forgotten() : new WorkerInput.NotForgotten(new IOException("full")),
            _ => null,
        };

        /// <summary>Any input at all, whether or not it was asked for.</summary>
        private IWorkerInput Anything() => random.Next(27) switch
        {
            0 => new Provision("x"),
            1 => new AdoptOrphan(Machine(), Well() ? "key" : null, new RemovalReason.Orphaned(2, Driver.Now)),
            2 or 3 => new Assign(LifeDriver.Job(), true),
            4 => new KeepInReserve(Well() ? Driver.Now.AddHours(2) : null),
            5 => random.Next(4) == 0 ? new Drain(new RemovalReason.PoolDrained()) : SettingsChanged.Instance,
            6 => random.Next(8) == 0 ? new Delete(new RemovalReason.RequestedByOperator("ada")) : SettingsChanged.Instance,
            7 => new InstanceSeen(Machine(), Driver.Now),
            8 or 9 => new InstanceMissing(Driver.Now),
            10 => new RunnerMissing(random.Next(100), Driver.Now),
            11 => new OutcomeRecorded(Dispatch()),
            12 => Purge.Instance,
            13 => new SessionProtocol.Ready("ready", "key", Processes(), Well()),
            14 => new SessionProtocol.NotReady("no", random.Next(20) == 0),
            15 => new SessionProtocol.Down(Any<SessionErrorKind>(), "reset"),
            16 => new SessionProtocol.Ended(
                Dispatch(), new JobExit(random.Next(5) switch { 0 => null, 1 => 137, 2 => 2, 3 => 1, _ => 0 }, "")),
            17 => new SessionProtocol.Launched(Dispatch()),
            18 => new SessionProtocol.LaunchFailed(Dispatch(), "disk full"),
            19 => new SessionProtocol.RunnerSaid(Dispatch(), Any<RunnerWord>()),
            20 => Runner(Dispatch()),
            21 => new SessionProtocol.CleanUpFailed(Dispatch(), "no"),
            22 => new SessionProtocol.Signalled(Dispatch(), Any<RunnerSignal>()),
            24 => new SessionProtocol.WaitEnded(Dispatch(), Any<WaitEnd>()),
            23 => random.Next(3) == 0 ? new WorkerInput.Recovered() : WorkerInput.DeadlineReached.Instance,
            _ => WorkerInput.DeadlineReached.Instance,
        };

        private bool Well() => random.Next(5) > 0;

        private T Any<T>()
            where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];

        private DispatchId Dispatch() =>
            random.Next(4) > 0 && Driver.Worker.State.Current is { } current
                ? current.Dispatch
                : new DispatchId($"cid-w001-{random.Next(1, 5)}");

        private RunnerProcess[] Processes() =>
            random.Next(3) == 0 ? [] : [new RunnerProcess(Dispatch(), Well(), random.Next(2) == 0 ? 0 : null)];

        private WorkerInput.RunnerAnswered Runner(DispatchId dispatch) =>
            new(dispatch, Driver.Elapsed, random.Next(4) == 0 ? null : LifeDriver.Row(Any<RunnerStatus>()), Any<JobSeen>());

        private Instance Machine() =>
            Driver.Machine() with
            {
                Addresses = random.Next(6) == 0 ? [] : [$"192.0.2.{random.Next(2)}"],
                CreatedAt = LifeDriver.Start.AddHours(3),
            };

        private Exception Refusal() => random.Next(3) switch
        {
            0 => new CloudException(CloudErrorKind.CapacityOut, "no", TimeSpan.FromSeconds(30)),
            1 => new CloudException(CloudErrorKind.Transient, "502"),
            _ => new TimeoutException(),
        };
    }
}
