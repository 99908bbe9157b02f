using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>Brings the stand-in, before a recorded request, to where the real server was: the same runs with the same ids.</summary>
internal sealed class RecordedScene(ForgeState state)
{
    private const string App = "acme/app";
    private static readonly ForgeJobRequest Build = new("build", ["docker"], "jobs: {}");
    private static readonly ForgeJobRequest Slow = new("slow", ["docker"], "jobs: {}") { ConcurrencyGroup = "slow" };

    private static readonly ForgeJobRequest[] Rec =
    [
        new("first", ["docker"], "jobs: {}"),
        new("second (a)", ["docker"], "jobs: {}") { Key = "second", Needs = ["first"] },
        new("second (b)", ["docker"], "jobs: {}") { Key = "second", Needs = ["first"] },
    ];

    /// <summary>The organisation, its two repositories, and runners of the past whose ids are gone.</summary>
    public void Prepare(int earlierRunners)
    {
        state.AddOrganization("acme", "root1");
        state.AddRepository(App);
        state.AddRepository("acme/other");
        state.AddWorkflow(App, new WorkflowFile("rec.yml", "rec", Rec));
        for (var i = 0; i < earlierRunners; i++)
        {
            state.Delete(ForgeScope.Admin, state.Register(ForgeScope.Admin, "earlier").Id);
        }
    }

    public void Before(string exchange)
    {
        switch (exchange)
        {
            case "cancel a waiting run":
                state.Enqueue(App, Build);
                break;
            case "dispatch with return_run_info":
                state.Enqueue(App, Build);
                break;
            case "runs":
                Run(2, ForgeJobStatus.Success);
                Run(3, ForgeJobStatus.Success);
                Run(4, ForgeJobStatus.Success);
                Run(5, ForgeJobStatus.Failure);
                Enqueue(Build, Slow, Slow, Build);
                foreach (var job in new[] { 6, 7, 8, 9 })
                {
                    Run(job, ForgeJobStatus.Success);
                }

                break;
            case "log of a waiting job":
                Enqueue(Build);
                break;
            case "log of a running job":
                Enqueue(Slow);
                Start(11);
                break;
            case "jobs by label: one [docker], two [docker big], three [gpu]":
                Enqueue(Build, Build, Build);
                state.CancelRun(10);
                state.CancelRun(11);
                state.CancelRun(12);
                state.Enqueue(App, [new("one", ["docker"], ""), new("two", ["docker", "big"], ""), new("three", ["gpu"], "")]);
                break;
            case "jobs waiting /admin/actions/runners":
                break;
            case "prioritize a run in the web (session cookie; run number in the path, not its id)":
                state.CancelRun(13);
                Enqueue(Build);
                state.CancelRun(14);
                state.Enqueue(App, [Build, Build, Build, Build, Build]);
                state.CancelRun(15);
                Enqueue(Build, Build, Build);
                break;
            case "rerun a run in the web (session cookie; run number in the path, not its id)":
                // The run that was put first goes first, though it is the youngest.
                Start(null).ShouldBe(26);
                Finish(26);
                Run(24, ForgeJobStatus.Success);
                Run(25, ForgeJobStatus.Success);
                break;
            case "log of the second attempt":
                Run(26, ForgeJobStatus.Success);
                break;
            case "org list visible with an instance runner":
                state.Register(Organization(), "rec-held");
                state.Register(Organization(), "rec-stale");
                break;
        }
    }

    private readonly Dictionary<long, ForgeCredentials> _runners = [];

    private ForgeScope Organization() =>
        state.Authorize("0123456789012345678901234567890123456789", ForgeScopeKind.Organization, "acme", null, write: true);

    private void Enqueue(params ForgeJobRequest[] runs) => Array.ForEach(runs, r => state.Enqueue(App, r));

    private void Run(long job, ForgeJobStatus result)
    {
        Start(job).ShouldBe(job);
        Finish(job, result);
    }

    /// <summary>Lets a runner take a job, by its handle or, without one, the job that comes first.</summary>
    private long Start(long? job)
    {
        var runner = state.Register(ForgeScope.Admin, "scene");
        state.Declare(runner.Uuid, runner.Token.Reveal(), "v12.8.2", ["docker", "big", "gpu"]);
        var task = state.Fetch(runner.Uuid, runner.Token.Reveal(), handle: job is { } id ? state.Job(id).Handle : null).Task
            .ShouldNotBeNull();
        state.UpdateLog(runner.Uuid, runner.Token.Reveal(), task.Id, 0, ["workflow prepared", "tick 1", "Job succeeded"], noMore: false);
        _runners[task.Job.Id] = runner;
        return task.Job.Id;
    }

    private void Finish(long job, ForgeJobStatus result = ForgeJobStatus.Success) =>
        state.UpdateTask(_runners[job].Uuid, _runners[job].Token.Reveal(), state.Job(job).TaskId, result);
}
