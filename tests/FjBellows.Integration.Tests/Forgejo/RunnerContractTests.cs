using System.Net.Http.Headers;
using System.Text;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Forge.Protocol;
using Google.Protobuf;
using Task = System.Threading.Tasks.Task;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>The calls that real runners made are made again, and the stand-in answers each as the real server did.</summary>
public sealed class RunnerContractTests
{
    private const string App = "acme/app";
    private static readonly string Payload = "jobs: {}";

    [Theory]
    [InlineData("15")]
    [InlineData("16")]
    [InlineData("17-dev")]
    public async Task Six_runs_from_declare_to_the_last_report(string recorded)
    {
        await using var replay = await Replay.StartAsync(recorded);
        var state = replay.State;
        state.Enqueue(App, Job("build"));
        state.Enqueue(App,
        [
            Job("first"), Job("second (a)") with { Key = "second", Needs = ["first"] },
            Job("second (b)") with { Key = "second", Needs = ["first"] },
        ]);
        state.Enqueue(App, Job("slow") with { ConcurrencyGroup = "slow" });
        state.Enqueue(App, Job("slow") with { ConcurrencyGroup = "slow" });
        state.Enqueue(App, Job("build"));
        var wanted = new Queue<string>(["build", "first", "second (a)", "second (b)", "slow", "build"]);
        replay.Handle = () => Waiting(state, wanted.Dequeue()).Handle;

        await replay.RunAsync("rpc.jsonl");

        wanted.ShouldBeEmpty();
        state.Jobs().Select(j => j.Status).ShouldBe(
        [
            ForgeJobStatus.Success, ForgeJobStatus.Success, ForgeJobStatus.Success, ForgeJobStatus.Failure,
            ForgeJobStatus.Success, ForgeJobStatus.Waiting, ForgeJobStatus.Success,
        ]);
    }

    [Theory]
    [InlineData("16")]
    [InlineData("17-dev")]
    public async Task A_job_that_its_group_holds_back_is_given_to_nobody_until_the_group_is_free(string recorded)
    {
        await using var replay = await Replay.StartAsync(recorded);
        var state = replay.State;
        var running = state.Enqueue(App, Job("slow") with { ConcurrencyGroup = "slow" });
        var held = state.Enqueue(App, Job("slow") with { ConcurrencyGroup = "slow" });
        var task = state.Steal(running.Id);
        replay.Handle = () => held.Handle;
        replay.Before = (n, call) =>
        {
            if (n == 2)
            {
                call.Call.ShouldBe("Declare", "the runner that found nothing has ended, and a second one begins");
                state.OpenJobs(ForgeScope.Admin).ShouldContain(j => j.Id == held.Id && j.Status == ForgeJobStatus.Waiting);
                state.Runners(ForgeScope.Admin).ShouldHaveSingleItem().Status.ShouldBe("idle");
                state.FinishStolen(task);
            }
        };

        await replay.RunAsync("rpc-held.jsonl");

        state.Job(held.Id).Status.ShouldBe(ForgeJobStatus.Success);
    }

    [Theory]
    [Trait("Invariant", "J9")]
    [InlineData("16")]
    [InlineData("17-dev")]
    public async Task A_cancelled_runner_is_unknown_from_then_on(string recorded)
    {
        await using var replay = await Replay.StartAsync(recorded);
        var job = replay.State.Enqueue(App, Job("slow"));
        replay.Handle = () => job.Handle;
        replay.Before = (_, call) =>
        {
            if (call.Status == 401)
            {
                replay.State.CancelRun(job.RunId);
            }
        };

        await replay.RunAsync("rpc-cancel.jsonl");

        (replay.State.Job(job.Id).Status, replay.State.Runners(ForgeScope.Admin).Count).ShouldBe((ForgeJobStatus.Cancelled, 0));
    }

    [Theory]
    [Trait("Invariant", "J15")]
    [InlineData("16")]
    [InlineData("17-dev")]
    public async Task The_run_that_was_put_first_goes_first(string recorded)
    {
        await using var replay = await Replay.StartAsync(recorded);
        var jobs = new[] { "a", "b", "c" }.Select(n => replay.State.Enqueue(App, Job(n))).ToArray();
        replay.State.Prioritize(jobs[2].RunId);

        await replay.RunAsync("rpc-priority.jsonl");

        replay.State.Jobs().OrderBy(j => j.TaskId).Select(j => j.Name).ShouldBe(["c", "a", "b"]);
    }

    [Theory]
    [Trait("Invariant", "J3")]
    [InlineData("16")]
    [InlineData("17-dev")]
    public async Task A_handle_from_before_a_rerun_gets_nothing(string recorded)
    {
        await using var replay = await Replay.StartAsync(recorded);
        var job = replay.State.Enqueue(App, Job("build"));
        replay.State.FinishStolen(replay.State.Steal(job.Id));
        replay.State.Rerun(job.Id);
        replay.Handle = () => job.Handle;

        await replay.RunAsync("rpc-stale-handle.jsonl");

        replay.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Waiting);
    }

    private static ForgeJobRequest Job(string name) => new(name, ["docker"], Payload);

    private static ForgeJob Waiting(ForgeState state, string name) =>
        state.Jobs().First(j => j.Status == ForgeJobStatus.Waiting && j.Name == name);

    /// <summary>One stand-in, its runners in place of the recorded ones, and the tasks in place of theirs.</summary>
    private sealed class Replay : IAsyncDisposable
    {
        private readonly string _recorded;
        private readonly ForgeServer _server;
        private readonly HttpClient _http = new();
        private readonly Dictionary<string, ForgeCredentials> _runners = [];
        private readonly Dictionary<long, long> _tasks = [];

        private Replay(string recorded, ForgeServer server) => (_recorded, _server) = (recorded, server);

        public ForgeState State => _server.State;

        /// <summary>The handle in place of the recorded one.</summary>
        public Func<string> Handle { get; set; } = () => throw new InvalidOperationException("no handle is expected");

        public Action<int, RunnerCall> Before { get; set; } = (_, _) => { };

        public static async Task<Replay> StartAsync(string recorded) => new(recorded, await ForgeServer.StartAsync(new ForgeServerOptions
        {
            State = new ForgeStateOptions { Release = recorded == "15" ? ForgeRelease.Forgejo15 : ForgeRelease.Forgejo16 },
        }));

        public async Task RunAsync(string file)
        {
            var calls = Recording.Calls(_recorded, file);
            calls.ShouldNotBeEmpty();
            for (var n = 0; n < calls.Count; n++)
            {
                Before(n, calls[n]);
                await RepeatAsync(calls[n], $"call {n + 1}, {calls[n].Call}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _server.DisposeAsync();
        }

        private async Task RepeatAsync(RunnerCall call, string what)
        {
            IMessage sent;
            switch (call.Call)
            {
                case "Declare":
                    _runners.TryAdd(call.Uuid, State.Register(ForgeScope.Admin, DeclareResponse.Parser.ParseFrom(call.Answer).Runner.Name));
                    sent = DeclareRequest.Parser.ParseFrom(call.Sent);
                    break;
                case "FetchSingleTask":
                    var fetch = FetchSingleTaskRequest.Parser.ParseFrom(call.Sent);
                    fetch.Handle = fetch.Handle.Length > 0 ? Handle() : "";
                    sent = fetch;
                    break;
                case "FetchTask":
                    sent = FetchTaskRequest.Parser.ParseFrom(call.Sent);
                    break;
                case "UpdateLog":
                    var log = UpdateLogRequest.Parser.ParseFrom(call.Sent);
                    log.TaskId = _tasks[log.TaskId];
                    sent = log;
                    break;
                default:
                    var update = UpdateTaskRequest.Parser.ParseFrom(call.Sent);
                    update.State.Id = _tasks[update.State.Id];
                    sent = update;
                    break;
            }

            var (status, type, answer) = await PostAsync(call, sent);
            status.ShouldBe(call.Status, what);
            if (status != 200)
            {
                Encoding.UTF8.GetString(answer).ShouldBe(Encoding.UTF8.GetString(call.Answer), what);
                return;
            }

            type.ShouldBe("application/proto", what);
            switch (call.Call)
            {
                case "Declare":
                    var (theirs, ours) =
                        (DeclareResponse.Parser.ParseFrom(call.Answer).Runner, DeclareResponse.Parser.ParseFrom(answer).Runner);
                    (theirs.Id, theirs.Uuid) = (ours.Id, ours.Uuid);
                    ours.ShouldBe(theirs, what);
                    break;
                case "FetchSingleTask":
                    CompareTask(
                        FetchSingleTaskResponse.Parser.ParseFrom(call.Answer), FetchSingleTaskResponse.Parser.ParseFrom(answer), what);
                    break;
                case "FetchTask":
                    var (given, got) = (FetchTaskResponse.Parser.ParseFrom(call.Answer), FetchTaskResponse.Parser.ParseFrom(answer));
                    CompareTask(
                        new FetchSingleTaskResponse { Task = given.Task, TasksVersion = given.TasksVersion },
                        new FetchSingleTaskResponse { Task = got.Task, TasksVersion = got.TasksVersion },
                        what);
                    break;
                case "UpdateLog":
                    UpdateLogResponse.Parser.ParseFrom(answer).ShouldBe(UpdateLogResponse.Parser.ParseFrom(call.Answer), what);
                    break;
                default:
                    var expected = UpdateTaskResponse.Parser.ParseFrom(call.Answer);
                    expected.State.Id = _tasks[expected.State.Id];
                    UpdateTaskResponse.Parser.ParseFrom(answer).ShouldBe(expected, what);
                    break;
            }
        }

        private void CompareTask(FetchSingleTaskResponse theirs, FetchSingleTaskResponse ours, string what)
        {
            (ours.TasksVersion > 0).ShouldBe(theirs.TasksVersion > 0, what);
            if (theirs.Task is null)
            {
                ours.Task.ShouldBeNull(what);
                return;
            }

            ours.Task.ShouldNotBeNull(what);
            _tasks[theirs.Task.Id] = ours.Task.Id;
            ours.Task.Context.Fields.Select(f => (f.Key, f.Value.KindCase)).Order()
                .ShouldBe(theirs.Task.Context.Fields.Select(f => (f.Key, f.Value.KindCase)).Order(), what);
            ours.Task.Secrets.Keys.Order().ShouldBe(theirs.Task.Secrets.Keys.Order(), what);
            ours.Task.Needs.ShouldBe(theirs.Task.Needs, what);
            ours.Task.WorkflowPayload.Length.ShouldBeGreaterThan(0);
        }

        private async Task<(int Status, string? Type, byte[] Answer)> PostAsync(RunnerCall call, IMessage body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{_server.Url}/api/actions/runner.v1.RunnerService/{call.Call}");
            request.Content = new ByteArrayContent(body.ToByteArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
            request.Headers.Add("x-runner-uuid", _runners[call.Uuid].Uuid);
            request.Headers.Add("x-runner-token", _runners[call.Uuid].Token.Reveal());
            if (call.RequestKey is { } key)
            {
                request.Headers.Add("x-runner-request-key", key);
            }

            using var response = await _http.SendAsync(request);
            return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType,
                await response.Content.ReadAsByteArrayAsync());
        }
    }
}
