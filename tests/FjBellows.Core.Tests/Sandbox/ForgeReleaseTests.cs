using FjBellows.Sandbox.Forge;

namespace FjBellows.Tests.Sandbox;

/// <summary>What Forgejo does with groups, priorities, owners and conditions, by release.</summary>
public sealed class ForgeReleaseTests
{
    private readonly HandTime _time = new();

    [Fact]
    public void A_group_lets_the_oldest_run_go_first_and_does_not_hold_a_runs_own_jobs_back()
    {
        var forge = Forge();
        var older = forge.Enqueue("acme/app", [Grouped("a"), Grouped("b") with { Needs = ["a"] }]);
        var younger = forge.Enqueue("acme/app", Grouped("c"));
        var elsewhere = forge.Enqueue("acme/other", Grouped("d"));

        forge.FinishStolen(forge.Steal(older[0].Id));
        Take(forge, younger.Handle).ShouldBeNull("an older run of the group is not done");
        Take(forge, elsewhere.Handle).ShouldBe(elsewhere.Id, "groups are a repository's own");
        Take(forge, older[1].Handle).ShouldBe(older[1].Id);
        forge.CancelRun(older[1].RunId);
        Take(forge, younger.Handle).ShouldBe(younger.Id);
    }

    [Fact]
    public void A_run_that_cancels_its_group_ends_the_older_ones()
    {
        var forge = Forge();
        var older = forge.Enqueue("acme/app", Grouped("a") with { CancelInProgress = true });
        forge.Steal(older.Id);

        var younger = forge.Enqueue("acme/app", Grouped("a") with { CancelInProgress = true });

        forge.Job(older.Id).Status.ShouldBe(ForgeJobStatus.Cancelled);
        Take(forge, null).ShouldBe(younger.Id);
    }

    [Theory]
    [Trait("Invariant", "J15")]
    [InlineData(ForgeRelease.Forgejo15, 1)]
    [InlineData(ForgeRelease.Forgejo16, 3)]
    public void A_run_put_first_goes_first_from_16_on(ForgeRelease release, long first)
    {
        var forge = Forge(release);
        var jobs = Enumerable.Range(0, 3).Select(_ => forge.Enqueue("acme/app", new ForgeJobRequest("x", ["debian"], "x"))).ToArray();
        forge.Prioritize(jobs[2].RunId);

        Take(forge, null).ShouldBe(first);
    }

    [Fact]
    public void Deprioritizing_and_a_rerun_take_the_priority_away()
    {
        var forge = Forge(ForgeRelease.Forgejo16);
        var job = forge.Enqueue("acme/app", new ForgeJobRequest("x", ["debian"], "x"));
        forge.Prioritize(job.RunId);
        forge.Run(job.RunId).Priority.ShouldBe(127);
        forge.FinishStolen(forge.Steal(job.Id));

        forge.RerunRun(job.RunId);

        (forge.Run(job.RunId).Priority, forge.Job(job.Id).Attempt, forge.Run(job.RunId).Status).ShouldBe((0, 2, ForgeJobStatus.Waiting));
    }

    [Theory]
    [InlineData(ForgeRelease.Forgejo15, ForgeJobStatus.Waiting, ForgeJobStatus.Blocked)]
    [InlineData(ForgeRelease.Forgejo16, ForgeJobStatus.Skipped, ForgeJobStatus.Skipped)]
    public void A_condition_that_is_false_is_decided_by_the_server_from_16_on(
        ForgeRelease release, ForgeJobStatus never, ForgeJobStatus after)
    {
        var forge = Forge(release);

        var jobs = forge.Enqueue(
            "acme/app", [new("never", ["debian"], "x") { NeverRuns = true }, new("after", ["debian"], "x") { Needs = ["never"] }]);

        jobs.Select(j => forge.Job(j.Id).Status).ShouldBe([never, after]);
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_transferred_repositorys_job_stays_listed_under_its_old_owner_and_goes_to_the_new_ones_runners()
    {
        var forge = Forge();
        var job = forge.Enqueue("acme/app", new ForgeJobRequest("x", ["debian"], "x"));
        forge.AddOrganization("others", "root");
        var (before, after) = (Scope(forge, "acme"), Scope(forge, "others"));

        forge.Transfer("acme/app", "others");

        forge.OpenJobs(before).ShouldHaveSingleItem().Repository.ShouldBe("others/app");
        forge.OpenJobs(after).ShouldBeEmpty();
        Take(forge, job.Handle, before).ShouldBeNull();
        Take(forge, job.Handle, after).ShouldBe(job.Id);
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void Where_actions_are_off_jobs_stay_listed_for_the_owner_and_nobody_gets_them()
    {
        var forge = Forge();
        var job = forge.Enqueue("acme/app", new ForgeJobRequest("x", ["debian"], "x"));
        forge.SetActions("acme/app", on: false);

        forge.OpenJobs(Scope(forge, "acme")).ShouldHaveSingleItem();
        Take(forge, job.Handle, Scope(forge, "acme")).ShouldBeNull();
        Should.Throw<ForgeRefusedException>(() => forge.Authorize("root", ForgeScopeKind.Repository, "acme", "app", write: false)).Reason
            .ShouldBe(ForgeRefusal.NotFound);

        forge.SetActions("acme/app", on: true);
        Take(forge, job.Handle, Scope(forge, "acme")).ShouldBe(job.Id);
    }

    [Fact]
    public void A_workflow_says_whether_its_group_cancels_and_whether_a_job_never_runs()
    {
        const string yaml = """
            on: push
            concurrency: { group: deploy, cancel-in-progress: true }
            jobs:
              a: { runs-on: debian, steps: [] }
              b: { runs-on: debian, if: false, steps: [], concurrency: own }
            """;

        WorkflowFile.Parse(yaml).Jobs.Select(j => (j.ConcurrencyGroup, j.CancelInProgress, j.NeverRuns))
            .ShouldBe([("deploy", true, false), ("own", false, true)]);
    }

    private static ForgeJobRequest Grouped(string name) => new(name, ["debian"], "x") { ConcurrencyGroup = "group" };

    private static ForgeScope Scope(ForgeState forge, string organization)
    {
        forge.AddOrganization(organization, "root");
        return forge.Authorize("root", ForgeScopeKind.Organization, organization, null, write: true);
    }

    private static long? Take(ForgeState forge, string? handle, ForgeScope? scope = null)
    {
        var runner = forge.Register(scope ?? ForgeScope.Admin, "r");
        forge.Declare(runner.Uuid, runner.Token.Reveal(), "v1", ["debian"]);
        return forge.Fetch(runner.Uuid, runner.Token.Reveal(), handle: handle).Task?.Job.Id;
    }

    private ForgeState Forge(ForgeRelease release = ForgeRelease.Forgejo15) => new(new ForgeStateOptions
    {
        Release = release,
        Random = new Random(3),
        Accounts = [new("root", new Secret("root"), true, ["all"])],
    }, _time);
}
