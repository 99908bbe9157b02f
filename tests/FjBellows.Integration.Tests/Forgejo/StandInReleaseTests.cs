using FjBellows.Daemon.Commands;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>The client against the stand-in as 15 and as 16: results, cancels, and jobs that are listed and handed to nobody.</summary>
public sealed class StandInReleaseTests
{
    private const string Narrow = "pat-organization-only";

    [Theory]
    [Trait("Invariant", "J10")]
    [InlineData(ForgeRelease.Forgejo15, ForgeJobStatus.Success, JobResult.Success)]
    [InlineData(ForgeRelease.Forgejo15, ForgeJobStatus.Failure, JobResult.Failure)]
    [InlineData(ForgeRelease.Forgejo15, ForgeJobStatus.Cancelled, JobResult.Cancelled)]
    [InlineData(ForgeRelease.Forgejo16, ForgeJobStatus.Success, JobResult.Success)]
    [InlineData(ForgeRelease.Forgejo16, ForgeJobStatus.Failure, JobResult.Failure)]
    [InlineData(ForgeRelease.Forgejo16, ForgeJobStatus.Cancelled, JobResult.Cancelled)]
    public async Task The_result_of_an_ended_job_is_forgejos_own(ForgeRelease release, ForgeJobStatus ended, JobResult expected)
    {
        await using var forge = await StartAsync(release);
        using var client = Client(forge);
        var job = forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        var task = forge.State.Steal(job.Id);
        var seen = (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();
        (await client.ResultAsync(seen, CancellationToken.None)).ShouldBe(JobResult.Open);

        forge.State.FinishStolen(task, ended);

        (await client.ResultAsync(seen, CancellationToken.None)).ShouldBe(expected);
    }

    [Fact]
    public async Task In_15_a_job_whose_task_was_never_seen_has_no_result_and_without_the_permission_none_has()
    {
        await using var forge = await StartAsync(ForgeRelease.Forgejo15);
        using var client = Client(forge);
        using var narrow = Client(forge, Narrow);
        forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));

        var seen = (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();
        var unnamed = (await narrow.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();

        seen.Repo.ShouldBe("acme/shop");
        unnamed.Repo.ShouldBeNull();
        (await client.ResultAsync(seen, CancellationToken.None)).ShouldBeNull();
        (await narrow.ResultAsync(unnamed with { TaskId = 1 }, CancellationToken.None)).ShouldBeNull();
        forge.Requests(ForgeRoute.RepositoryById).ShouldBe(2, "one question each; a refusal is not asked again");
    }

    [Theory]
    [Trait("Invariant", "J14")]
    [InlineData(true, JobHold.ActionsOff)]
    [InlineData(false, JobHold.Transferred)]
    public async Task A_job_that_is_handed_to_nobody_is_no_demand(bool off, JobHold hold)
    {
        await using var forge = await StartAsync(ForgeRelease.Forgejo16);
        using var client = Client(forge);
        forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        if (off)
        {
            forge.State.SetActions("acme/shop", on: false);
        }
        else
        {
            forge.State.Transfer("acme/shop", "others");
        }

        var job = (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();

        (job.Hold, job.IsDemand).ShouldBe((hold, false));
        var runner = await client.RegisterAsync("ci-1", "", CancellationToken.None);
        forge.State.Declare(runner.Uuid, runner.Token.Reveal(), "v1", ["docker"]);
        forge.State.Fetch(runner.Uuid, runner.Token.Reveal(), handle: job.Handle).Task
            .ShouldBeNull("Forgejo gives it to no runner of the scope");
        ForgejoChecks.OfQueue([job], [LabelSet.Parse(["docker"])])
            .ShouldContain(l => l.Message.Contains("given to no runner", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_is_cancelled_by_its_jobs_id_where_forgejo_can()
    {
        await using var forge = await StartAsync(ForgeRelease.Forgejo16);
        await using var old = await StartAsync(ForgeRelease.Forgejo15);
        using var client = Client(forge);
        using var oldClient = Client(old);
        using var narrow = Client(forge, Narrow);
        var job = forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["windows"], "{}"));
        old.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        var scope = ForgejoScope.Parse("orgs/acme");

        (await Should.ThrowAsync<CommandException>(() => CancelCommand.CancelAsync(client, "77", scope, default))).Message
            .ShouldContain("no job '77'");
        (await Should.ThrowAsync<CommandException>(() => CancelCommand.CancelAsync(narrow, "1", scope, default))).Message
            .ShouldContain("write:repository");
        (await Should.ThrowAsync<CommandException>(() => CancelCommand.CancelAsync(oldClient, "1", scope, default))).Message
            .ShouldContain("Forgejo 16");
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Waiting);

        (await CancelCommand.CancelAsync(client, job.Handle, scope, default))
            .ShouldBe("cancelled run 1 of build (job 1, attempt 1) in acme/shop");

        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Cancelled);
    }

    [Fact]
    [Trait("Invariant", "J6")]
    public async Task A_filter_that_leaves_a_waiting_job_out_is_noticed_and_the_job_is_served()
    {
        const string job =
            """{"id":7,"attempt":1,"handle":"h","repo_id":0,"owner_id":2,"name":"build","runs_on":["docker"],"task_id":""" +
            """0,"status":"waiting"}""";
        await using var server = await CannedServer.StartAsync((context, _) =>
            CannedServer.AnswerAsync(context, 200, context.Request.Query.ContainsKey("labels") ? "null" : $"[{job}]"));
        var time = new FakeTimeProvider();
        var log = new Lines();
        using var client = new ForgejoClient(
            new ForgejoSettings
            {
                Url = server.Url,
                Token = new Secret(Token),
                Scope = ForgejoScope.Parse("orgs/acme"),
                Labels = LabelSet.Parse(["docker"]),
            }, time, log);

        (await client.ListAsync(CancellationToken.None)).ShouldBeEmpty();
        time.Advance(TimeSpan.FromMinutes(11));
        (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().Id.ShouldBe(7);
        (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem("the filter is not trusted until it has been compared again");

        log.Written.ShouldHaveSingleItem().ShouldContain("leaves 1 waiting jobs out");
        server.Requests.Count.ShouldBe(6, "filtered; whole, filtered and whole for the comparison, then whole; whole");
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task An_answer_without_end_is_not_read()
    {
        await using var server = await CannedServer.StartAsync(async (context, _) =>
        {
            var piece = new byte[1024 * 1024];
            Array.Fill(piece, (byte)' ');
            for (var i = 0; i < 64 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            }
        });
        using var client = ForgejoFixture.Client(server.Url);

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        (failure.Kind, failure.Message.Contains("more than 16 MiB", StringComparison.Ordinal))
            .ShouldBe((ForgejoErrorKind.Malformed, true), failure.Message);
    }

    [Fact]
    [Trait("Invariant", "J16")]
    public async Task A_fetch_that_is_answered_late_has_assigned_its_job_at_once()
    {
        await using var forge = await StartAsync(ForgeRelease.Forgejo16);
        using var http = new HttpClient();
        var job = forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        var runner = forge.State.Register(ForgeScope.Admin, "r1");
        forge.State.Declare(runner.Uuid, runner.Token.Reveal(), "v1", ["docker"]);
        forge.Faults.Add(ForgeRoute.FetchSingleTask, ForgeFault.SlowReply(TimeSpan.FromMinutes(5)));
        async Task<string> FetchAsync(TimeSpan patience)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, forge.Url + "/api/actions/runner.v1.RunnerService/FetchSingleTask")
            {
                Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("x-runner-uuid", runner.Uuid);
            request.Headers.Add("x-runner-token", runner.Token.Reveal());
            request.Headers.Add("x-runner-request-key", "the-same-key");
            using var limit = new CancellationTokenSource(patience);
            using var response = await http.SendAsync(request, limit.Token);
            return await response.Content.ReadAsStringAsync(limit.Token);
        }

        await Should.ThrowAsync<OperationCanceledException>(() => FetchAsync(TimeSpan.FromSeconds(2)));
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Running);

        (await FetchAsync(TimeSpan.FromSeconds(30)))
            .ShouldContain("\"id\": \"1\"", customMessage: "the same request key gets the same task");
        forge.State.Job(job.Id).Starts.ShouldBe(1);
    }

    [Fact]
    public async Task A_runner_that_falls_silent_fails_its_job_after_ten_minutes_of_the_servers_clock()
    {
        var time = new FakeTimeProvider();
        await using var forge = await ForgeServer.StartAsync(new ForgeServerOptions { Time = time });
        var job = forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        forge.State.Steal(job.Id);

        time.Advance(TimeSpan.FromMinutes(9));
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Running);
        time.Advance(TimeSpan.FromMinutes(6));
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Failure);
    }

    private static Task<ForgeServer> StartAsync(ForgeRelease release) => ForgeServer.StartAsync(new ForgeServerOptions
    {
        State = new ForgeStateOptions
        {
            Release = release,
            Accounts = [new("root", new Secret(Token), true, ["all"]), new("root", new Secret(Narrow), true, ["write:organization"])],
        },
    });

    private static ForgejoClient Client(ForgeServer forge, string token = Token)
    {
        forge.State.AddOrganization("acme", "root");
        return new ForgejoClient(new ForgejoSettings
        {
            Url = new Uri(forge.Url),
            Token = new Secret(token),
            Scope = ForgejoScope.Parse("orgs/acme"),
            Labels = LabelSet.Parse(["docker"]),
        });
    }

    private sealed class Lines : ILogger<ForgejoClient>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
