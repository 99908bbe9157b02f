using FjBellows.Sandbox.Forge;

namespace FjBellows.Tests.Sandbox;

public sealed class ForgeStateTests
{
    private readonly HandTime _time = new();
    private readonly ForgeState _forge;

    public ForgeStateTests() => _forge = new ForgeState(new ForgeStateOptions { Random = new Random(7) }, _time);

    [Fact]
    public void The_oldest_waiting_job_is_handed_out_first_and_only_once()
    {
        var (first, second) = (Enqueue("one"), Enqueue("two"));

        Fetch(Runner()).ShouldNotBeNull().Job.Id.ShouldBe(first.Id);
        Fetch(Runner()).ShouldNotBeNull().Job.Id.ShouldBe(second.Id);
        Fetch(Runner()).ShouldBeNull();
        _forge.Jobs().ShouldAllBe(j => j.Starts == 1 && j.Status == ForgeJobStatus.Running);
    }

    [Fact]
    public void A_handle_gets_that_job_and_no_other()
    {
        Enqueue("one");
        var wanted = Enqueue("two");

        Fetch(Runner(), handle: wanted.Handle).ShouldNotBeNull().Job.Id.ShouldBe(wanted.Id);
        Fetch(Runner(), handle: wanted.Handle).ShouldBeNull();
        Fetch(Runner(), handle: "no-such-handle").ShouldBeNull();
    }

    [Fact]
    public void A_runner_gets_only_jobs_whose_labels_it_covers()
    {
        _forge.Enqueue("acme/app", new ForgeJobRequest("gpu", ["debian", "gpu"], "x"));
        _forge.Enqueue("acme/app", new ForgeJobRequest("nowhere", [], "x"));

        Fetch(Runner("debian")).ShouldBeNull();
        Fetch(Runner("gpu", "debian", "more")).ShouldNotBeNull().Job.Name.ShouldBe("gpu");
        Fetch(Runner("gpu", "debian")).ShouldBeNull();
    }

    [Fact]
    public void An_ephemeral_runner_gets_one_task_in_its_life()
    {
        Enqueue("one");
        Enqueue("two");
        var runner = Runner();

        Fetch(runner).ShouldNotBeNull();
        Fetch(runner).ShouldBeNull();
    }

    [Fact]
    public void The_same_request_key_gets_the_same_task_with_a_fresh_token()
    {
        Enqueue("one");
        var runner = Runner();

        var first = Fetch(runner, "key").ShouldNotBeNull();
        var again = Fetch(runner, "key").ShouldNotBeNull();

        again.Id.ShouldBe(first.Id);
        again.Token.Reveal().ShouldNotBe(first.Token.Reveal());
        Fetch(runner, "another key").ShouldBeNull();
    }

    [Fact]
    public void The_queues_present_version_spares_the_lookup()
    {
        Enqueue("one");
        var runner = Runner();
        var version = _forge.Fetch(runner.Uuid, runner.Token.Reveal(), handle: "none").TasksVersion;

        _forge.Fetch(runner.Uuid, runner.Token.Reveal(), tasksVersion: version).Task.ShouldBeNull();
        _forge.Fetch(runner.Uuid, runner.Token.Reveal(), tasksVersion: version - 1).Task.ShouldNotBeNull();
    }

    [Fact]
    public void A_taken_concurrency_group_keeps_a_listed_job_from_being_handed_out()
    {
        var request = new ForgeJobRequest("deploy", ["debian"], "x") { ConcurrencyGroup = "production" };
        _forge.Enqueue("acme/app", request);
        var held = _forge.Enqueue("acme/app", request);
        var first = Runner();
        var task = Fetch(first).ShouldNotBeNull();

        Fetch(Runner()).ShouldBeNull();
        _forge.OpenJobs(ForgeScope.Admin).ShouldContain(j => j.Id == held.Id && j.Status == ForgeJobStatus.Waiting);

        Finish(first, task, ForgeJobStatus.Success);
        Fetch(Runner()).ShouldNotBeNull().Job.Id.ShouldBe(held.Id);
    }

    [Theory]
    [InlineData(ForgeJobStatus.Success, ForgeJobStatus.Waiting)]
    [InlineData(ForgeJobStatus.Failure, ForgeJobStatus.Skipped)]
    public void A_job_with_needs_waits_for_them(ForgeJobStatus needed, ForgeJobStatus then)
    {
        _forge.Enqueue("acme/app", [
            new ForgeJobRequest("build", ["debian"], "x"),
            new ForgeJobRequest("deploy", ["debian"], "x") { Needs = ["build"] },
            new ForgeJobRequest("tell", ["debian"], "x") { Needs = ["deploy"] },
            new ForgeJobRequest("tidy", ["debian"], "x") { Needs = ["build"], RunsAfterFailure = true }]);
        _forge.OpenJobs(ForgeScope.Admin).ShouldHaveSingleItem().Name.ShouldBe("build");
        var runner = Runner();
        var task = Fetch(runner).ShouldNotBeNull();

        Finish(runner, task, needed);

        _forge.Job(2).Status.ShouldBe(then);
        _forge.Job(3).Status.ShouldBe(then == ForgeJobStatus.Skipped ? ForgeJobStatus.Skipped : ForgeJobStatus.Blocked);
        _forge.Job(4).Status.ShouldBe(ForgeJobStatus.Waiting);
    }

    [Fact]
    public void A_final_result_deletes_the_ephemeral_row()
    {
        Enqueue("one");
        var runner = Runner();
        var task = Fetch(runner).ShouldNotBeNull();

        Finish(runner, task, ForgeJobStatus.Failure);

        _forge.Runners(ForgeScope.Admin).ShouldBeEmpty();
        Should.Throw<ForgeRefusedException>(() => Fetch(runner)).Message.ShouldBe("unregistered runner");
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public void A_cancel_deletes_the_row_so_the_runner_is_never_told()
    {
        var job = Enqueue("one");
        var runner = Runner();
        var task = Fetch(runner).ShouldNotBeNull();

        _forge.Cancel(job.Id).ShouldBeTrue();

        Should.Throw<ForgeRefusedException>(() => Finish(runner, task, ForgeJobStatus.Success)).Reason
            .ShouldBe(ForgeRefusal.Unauthenticated);
        _forge.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Cancelled);
        _forge.Cancel(job.Id).ShouldBeFalse();
    }

    [Fact]
    public void A_lasting_runner_is_told_of_a_cancel_by_its_next_report()
    {
        var job = Enqueue("one");
        var runner = Runner(ephemeral: false, "debian");
        var task = Fetch(runner).ShouldNotBeNull();
        _forge.UpdateTask(runner.Uuid, runner.Token.Reveal(), task.Id, ForgeJobStatus.Running).ShouldBe(ForgeJobStatus.Running);

        _forge.Cancel(job.Id);

        _forge.UpdateTask(runner.Uuid, runner.Token.Reveal(), task.Id, ForgeJobStatus.Running).ShouldBe(ForgeJobStatus.Cancelled);
    }

    [Fact]
    [Trait("Invariant", "J3")]
    public void A_rerun_keeps_the_id_and_takes_the_next_attempt_and_a_new_handle()
    {
        var job = Enqueue("one");
        Should.Throw<InvalidOperationException>(() => _forge.Rerun(job.Id));
        var runner = Runner();
        Finish(runner, Fetch(runner).ShouldNotBeNull(), ForgeJobStatus.Failure);

        var again = _forge.Rerun(job.Id);

        (again.Id, again.Attempt, again.Status, again.TaskId, again.Starts).ShouldBe((job.Id, 2, ForgeJobStatus.Waiting, 0, 0));
        again.Handle.ShouldNotBe(job.Handle);
        Fetch(Runner(), handle: job.Handle).ShouldBeNull();
        Fetch(Runner(), handle: again.Handle).ShouldNotBeNull();
        _forge.Job(job.Id).Tasks.Count.ShouldBe(2);
        _forge.Job(job.Id).Starts.ShouldBe(1);
    }

    [Fact]
    public void A_stolen_job_is_running_for_everybody_else()
    {
        var job = Enqueue("one");

        var task = _forge.Steal(job.Id);

        Fetch(Runner(), handle: job.Handle).ShouldBeNull();
        _forge.OpenJobs(ForgeScope.Admin).ShouldHaveSingleItem().Status.ShouldBe(ForgeJobStatus.Running);
        _forge.FinishStolen(task);
        _forge.Job(job.Id).Current!.Runner.ShouldBe("another-runner");
    }

    [Fact]
    public void Log_rows_are_stored_once_whatever_is_sent_again()
    {
        Enqueue("one");
        var runner = Runner();
        var task = Fetch(runner).ShouldNotBeNull();
        long Send(long index, bool noMore, params string[] rows) =>
            _forge.UpdateLog(runner.Uuid, runner.Token.Reveal(), task.Id, index, rows, noMore);

        Send(0, false, "a", "b").ShouldBe(2);
        Send(0, false, "a", "b").ShouldBe(2);
        Send(5, false, "late").ShouldBe(2);
        Send(1, true, "b", "c").ShouldBe(3);
        Send(1, true, "b", "c").ShouldBe(3);
        Should.Throw<ForgeRefusedException>(() => Send(3, true, "d")).Reason.ShouldBe(ForgeRefusal.AlreadyExists);
        _forge.Job(1).Current!.Log.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void A_runners_status_follows_its_calls()
    {
        Enqueue("one");
        var runner = _forge.Register(ForgeScope.Admin, "r");
        string Status() => _forge.Runner(ForgeScope.Admin, runner.Id).Status;

        Status().ShouldBe("offline");
        _forge.Declare(runner.Uuid, runner.Token.Reveal(), "v", ["debian"]);
        Status().ShouldBe("idle");
        var task = Fetch(runner).ShouldNotBeNull();
        _forge.UpdateTask(runner.Uuid, runner.Token.Reveal(), task.Id, ForgeJobStatus.Running);
        Status().ShouldBe("active");
        _time.Now += TimeSpan.FromSeconds(11);
        Status().ShouldBe("idle");
        _time.Now += TimeSpan.FromSeconds(50);
        Status().ShouldBe("offline");
    }

    [Fact]
    public void A_silent_runners_job_fails_in_the_end_and_is_not_queued_again()
    {
        var job = Enqueue("one");
        Fetch(Runner()).ShouldNotBeNull();
        _time.Now += TimeSpan.FromMinutes(9);
        _forge.Sweep().ShouldBe(0);
        _time.Now += TimeSpan.FromMinutes(2);

        _forge.Sweep().ShouldBe(1);

        _forge.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Failure);
        _forge.OpenJobs(ForgeScope.Admin).ShouldBeEmpty();
        _forge.Runners(ForgeScope.Admin).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_saved_comes_back_and_holds_no_token()
    {
        Enqueue("one");
        Enqueue("two");
        var runner = Runner();
        var task = Fetch(runner, "key").ShouldNotBeNull();
        _forge.UpdateLog(runner.Uuid, runner.Token.Reveal(), task.Id, 0, ["a"], false);

        var saved = _forge.Save();
        var loaded = ForgeState.Load(saved, time: _time);

        System.Text.Encoding.UTF8.GetString(saved).ShouldNotContain(runner.Token.Reveal());
        loaded.Jobs().Select(j => (j.Id, j.Handle, j.Status)).ShouldBe(_forge.Jobs().Select(j => (j.Id, j.Handle, j.Status)));
        loaded.Fetch(runner.Uuid, runner.Token.Reveal(), "key").Task.ShouldNotBeNull().Id.ShouldBe(task.Id);
        loaded.UpdateLog(runner.Uuid, runner.Token.Reveal(), task.Id, 1, ["b"], true).ShouldBe(2);
        loaded.UpdateTask(runner.Uuid, runner.Token.Reveal(), task.Id, ForgeJobStatus.Success).ShouldBe(ForgeJobStatus.Success);
        loaded.Enqueue("acme/app", new ForgeJobRequest("three", ["debian"], "x")).Id.ShouldBe(3);
        Should.Throw<InvalidDataException>(() => ForgeState.Load("{\"Format\":2}"u8));
        Should.Throw<InvalidDataException>(() => ForgeState.Load("{\"For"u8));
    }

    [Fact]
    public void Everything_that_happens_is_reported_in_order()
    {
        var told = new List<string>();
        _forge.Happened += e => told.Add($"{e.Kind} {e.Job?.Name ?? e.Runner}");
        Enqueue("one");
        var runner = Runner();

        Finish(runner, Fetch(runner).ShouldNotBeNull(), ForgeJobStatus.Success);

        told.ShouldBe(["JobQueued one", "RunnerRegistered r", "JobStarted one", "JobEnded one", "RunnerDeleted r"]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_handles_and_tokens()
    {
        var other = new ForgeState(new ForgeStateOptions { Random = new Random(7) }, _time);

        other.Enqueue("acme/app", new ForgeJobRequest("one", ["debian"], "x")).Handle.ShouldBe(Enqueue("one").Handle);
        Guid.Parse(other.Register(ForgeScope.Admin, "r").Uuid).Version.ShouldBe(4);
    }

    private ForgeJob Enqueue(string name) => _forge.Enqueue("acme/app", new ForgeJobRequest(name, ["debian"], "x"));

    private ForgeCredentials Runner(params string[] labels) => Runner(true, labels);

    private ForgeCredentials Runner(bool ephemeral, params string[] labels)
    {
        var runner = _forge.Register(ForgeScope.Admin, "r", ephemeral: ephemeral);
        _forge.Declare(runner.Uuid, runner.Token.Reveal(), "v12", labels.Length == 0 ? ["debian"] : labels);
        return runner;
    }

    private ForgeAssignment? Fetch(ForgeCredentials runner, string? key = null, string? handle = null) =>
        _forge.Fetch(runner.Uuid, runner.Token.Reveal(), key, handle: handle).Task;

    private void Finish(ForgeCredentials runner, ForgeAssignment task, ForgeJobStatus result) =>
        _forge.UpdateTask(runner.Uuid, runner.Token.Reveal(), task.Id, result);
}
