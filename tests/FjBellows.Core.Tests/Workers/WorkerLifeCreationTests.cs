using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Reasons;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>The section "From the intent to readiness" of the table in <see cref="WorkerLife"/>, in its order.</summary>
public sealed class WorkerLifeCreationTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Invariant", "W2")]
    public void The_intent_is_an_event_of_the_step_whose_effect_creates()
    {
        var life = new LifeDriver();
        life.On(new Provision("job 17 waits")).Effects.ShouldHaveSingleItem().ShouldBeOfType<Effect.Seed>();
        var step = life.On(new WorkerInput.Seeded(new WorkerSeed("ssh-ed25519 pin", new Secret(""), [])));
        step.Events.ShouldHaveSingleItem().ShouldBeOfType<WorkerIntended>().HostKey.ShouldBe("ssh-ed25519 pin");
        step.Effects.ShouldContain(e => e is Effect.CreateInstance);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    [Trait("Invariant", "O2")]
    public void A_cancelled_job_on_an_orphan_is_ended_once_Forgejo_says_that_its_registration_is_gone()
    {
        var life = new LifeDriver();
        var job = new DispatchId("cid-w001-4");
        var row = new RegisteredRunner(5, "u-5", job.Value, RunnerStatus.Active, true);
        life.On(new AdoptOrphan(life.Machine(), "ssh-ed25519 pin", new RemovalReason.Orphaned(3, life.Now)) { Runner = row });
        life.On(new SessionProtocol.Ready("reached", "ssh-ed25519 pin", [new RunnerProcess(job, true, null)], Proven: false));
        life.Pass(TimeSpan.FromMinutes(1)).OfType<Effect.LookUpRunner>().ShouldAllBe(e => e.RunnerId == 5 && e.QueuedAs == null);
        life.On(new WorkerInput.RunnerAnswered(job, life.Elapsed, row, JobSeen.NotAsked));
        life.Pass(TimeSpan.FromMinutes(5)).OfType<Effect.ToSession>().ShouldNotContain(e => e.Command is SessionProtocol.Signal);

        life.On(new WorkerInput.RunnerAnswered(job, life.Elapsed, null, JobSeen.NotAsked));
        life.Pass(TimeSpan.FromSeconds(30)).OfType<Effect.ToSession>().Select(e => e.Command).OfType<SessionProtocol.Signal>()
            .ShouldContain(new SessionProtocol.Signal(job, RunnerSignal.Kill));
    }

    [Fact]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "O2")]
    public void An_orphan_with_a_known_key_is_asked_for_its_processes_and_one_without_is_deleted()
    {
        var blind = new LifeDriver();
        blind.On(new AdoptOrphan(blind.Machine(), null, new RemovalReason.Orphaned(3, blind.Now))).Effects
            .ShouldContain(e => e is Effect.DeleteInstance);

        var life = new LifeDriver();
        life.On(new AdoptOrphan(life.Machine(), "ssh-ed25519 pin", new RemovalReason.Orphaned(3, life.Now)));
        life.Last.Effects.OfType<Effect.OpenSession>().ShouldHaveSingleItem().Endpoint.HostKey.ShouldBe("ssh-ed25519 pin");
        life.Pass(TimeSpan.FromMinutes(10));
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        var job = new DispatchId("cid-w001-4");
        life.On(new SessionProtocol.Ready("reached", "ssh-ed25519 pin", [new RunnerProcess(job, true, null)], Proven: false));
        life.Commands.OfType<SessionProtocol.Follow>().ShouldHaveSingleItem().Dispatch.ShouldBe(job);
        life.Pass(TimeSpan.FromHours(2));
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        life.On(new SessionProtocol.Ended(job, new JobExit(0, "")));
        life.On(new SessionProtocol.Inspected(life.Worker.Round, []));
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Worker.State.ReasonCode.ShouldBe("orphaned");
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_slow_seed_is_no_wrong_configuration()
    {
        var slow = new LifeDriver();
        slow.On(new Provision("x"));
        slow.On(new WorkerInput.SeedFailed(new TimeoutException("no answer within 00:02:00")));
        slow.Told.OfType<ProvisioningFailed>().ShouldHaveSingleItem().Kind.ShouldBe(CloudErrorKind.Transient);

        var wrong = new LifeDriver();
        wrong.On(new Provision("x"));
        wrong.On(new WorkerInput.SeedFailed(new SessionException(SessionErrorKind.Misconfigured, "the document is too large")));
        wrong.Told.OfType<ProvisioningFailed>().ShouldHaveSingleItem().Kind.ShouldBe(CloudErrorKind.InvalidConfig);
        wrong.Told.OfType<Gone>().ShouldHaveSingleItem().Ledger.End.ShouldContain("never created");
    }

    [Fact]
    [Trait("Invariant", "W3")]
    public void A_listing_during_the_create_call_is_not_believed_and_one_after_a_lost_answer_is()
    {
        var life = new LifeDriver();
        life.On(new Provision("x"));
        life.On(new WorkerInput.Seeded(WorkerSeed.Nothing));
        life.On(new InstanceSeen(life.Machine(), life.Now)).Events.ShouldBeEmpty();
        life.On(new WorkerInput.CreateFailed(new CloudException(CloudErrorKind.Transient, "502"))).Effects
            .ShouldContain(e => e is Effect.FindInstance);
        life.On(new InstanceSeen(life.Machine(), life.Now)).Events.ShouldHaveSingleItem().ShouldBeOfType<InstanceCreated>().Adopted
            .ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "B8")]
    public void A_creation_time_is_corrected_once_the_cloud_s_clock_was_measured()
    {
        var life = new LifeDriver().Idle();
        var created = life.Now.AddMinutes(-20);
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created }, life.Now));
        life.Journal[^1].ShouldBeOfType<WorkerBecameReady>("an uncompared time is the cloud's own");
        life.Measured = true;
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created }, life.Now));
        life.Worker.State.CreatedAt.ShouldBe(created);
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created.AddSeconds(2) }, life.Now));
        life.Journal.OfType<MomentsCorrected>().ShouldHaveSingleItem("seconds are the cloud's rounding");
    }
}
