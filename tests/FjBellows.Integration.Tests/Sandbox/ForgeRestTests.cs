using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Sandbox;

public sealed class ForgeRestTests
{
    private const string Runners = "/api/v1/admin/actions/runners";

    [Fact]
    [Trait("Invariant", "J4")]
    public async Task An_empty_queue_is_the_literal_null_and_an_empty_list_of_runners_is_not()
    {
        await using var forge = await Forge.StartAsync();

        (await (await forge.Http.SendAsync(Authorized(forge, Runners + "/jobs"))).Content.ReadAsStringAsync()).ShouldBe("null\n");
        (await (await forge.Http.SendAsync(Authorized(forge, Runners))).Content.ReadAsStringAsync()).ShouldBe("[]\n");
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_waiting_and_running_with_their_fields()
    {
        await using var forge = await Forge.StartAsync();
        var (running, waiting, done) = (forge.Enqueue("a"), forge.Enqueue("b"), forge.Enqueue("c"));
        forge.State.Steal(running.Id);
        forge.State.Cancel(done.Id);

        var jobs = (await forge.GetAsync(Runners + "/jobs"))!.AsArray();

        jobs.Count.ShouldBe(2);
        jobs[0]!.ToJsonString().ShouldBe(
            $$"""{"id":2,"attempt":1,"handle":"{{waiting.Handle}}","repo_id":1,"owner_id":2,"name":"build","needs":""" +
            $$"""null,"runs_on":["debian"],"task_id":0,"status":"waiting"}""");
        (jobs[1]!["id"]!.GetValue<long>(), jobs[1]!["task_id"]!.GetValue<long>(), jobs[1]!["status"]!.GetValue<string>())
            .ShouldBe((1, 1, "running"));
        (await forge.GetAsync("/api/v1/admin/runners/jobs"))!.AsArray().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?labels=debian", 1)]
    [InlineData("?labels=gpu,debian", 2)]
    [InlineData("?labels=Debian", 0)]
    [InlineData("?labels=debian,%20gpu", 1)]
    [InlineData("?labels=", 1)]
    public async Task Labels_select_the_jobs_a_runner_with_them_could_run(string query, int count)
    {
        await using var forge = await Forge.StartAsync();
        foreach (var labels in new string[][] { ["debian"], ["debian", "gpu"], [] })
        {
            forge.State.Enqueue("acme/app", new ForgeJobRequest("x", labels, ""));
        }

        ((await forge.GetAsync(Runners + "/jobs" + query))?.AsArray().Count ?? 0).ShouldBe(count);
    }

    [Fact]
    public async Task Each_scope_sees_its_own_jobs_and_runners()
    {
        await using var forge = await Forge.StartAsync(more: new ForgeAccount("ann", new Secret("ann"), false, ["all"]));
        forge.State.AddOrganization("acme", "ann");
        foreach (var repo in new[] { "acme/app", "acme/lib", "ann/home", "other/x" })
        {
            forge.State.Enqueue(repo, new ForgeJobRequest(repo, ["debian"], ""));
        }

        foreach (var (prefix, jobs) in new[]
        {
            ("/api/v1/user", "ann/home"), ("/api/v1/orgs/acme", "acme/lib,acme/app"), ("/api/v1/repos/acme/app", "acme/app"),
        })
        {
            var path = prefix + "/actions/runners";
            using var listed = await forge.SendAsync(HttpMethod.Get, path + "/jobs", "ann");
            string.Join(',', JsonNode.Parse(await listed.Content.ReadAsStringAsync())!.AsArray().Select(j => j!["name"])).ShouldBe(jobs);

            using var made = await forge.SendAsync(
                HttpMethod.Post, path, "ann", Json("""{"name":"r","ephemeral":true,"labels":["ignored"]}"""));
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
            var runner = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
            runner["token"]!.GetValue<string>().ShouldMatch("^[0-9a-f]{40}$");

            using var own = await forge.SendAsync(HttpMethod.Get, path, "ann");
            JsonNode.Parse(await own.Content.ReadAsStringAsync())!.AsArray().ShouldHaveSingleItem()!["uuid"]!.GetValue<string>()
                .ShouldBe(runner["uuid"]!.GetValue<string>());
        }

        (await forge.GetAsync(Runners))!.AsArray().ShouldBeEmpty();
        (await forge.GetAsync(Runners + "?visible=true"))!.AsArray().Count.ShouldBe(3);
        (await forge.GetAsync(Runners + "/jobs"))!.AsArray().Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_runner_is_registered_shown_and_deleted()
    {
        await using var forge = await Forge.StartAsync();
        using var made = await forge.SendAsync(
            HttpMethod.Post, Runners, content: Json($$"""{"name":"{{new string('ü', 200)}}","description":"d"}"""));
        var id = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!.GetValue<long>();

        var shown = (await forge.GetAsync($"{Runners}/{id}"))!;

        shown["name"]!.GetValue<string>().ShouldBe(new string('ü', 126) + "…");
        shown.AsObject().Select(p => p.Key).ShouldBe(
            ["id", "uuid", "owner_id", "repo_id", "name", "status", "version", "labels", "description", "ephemeral"]);
        (shown["status"]!.GetValue<string>(), shown["version"]!.GetValue<string>(), shown["labels"], shown["ephemeral"]!.GetValue<bool>())
            .ShouldBe(("offline", "", null, false));
        (await forge.SendAsync(HttpMethod.Delete, $"{Runners}/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Refused(forge, HttpMethod.Delete, $"{Runners}/{id}", Forge.AdminToken, 404, $"runner with ID {id}: resource does not exist");
        await Refused(forge, HttpMethod.Get, $"{Runners}/x", Forge.AdminToken, 404, "runner with ID 0: resource does not exist");
    }

    [Fact]
    public async Task Pages_have_totals_and_links()
    {
        await using var forge = await Forge.StartAsync();
        for (var i = 0; i < 65; i++)
        {
            forge.State.Register(ForgeScope.Admin, $"r{i}");
        }

        (await forge.GetAsync(Runners + "?limit=10"))!.AsArray().Count.ShouldBe(65, "without a page the limit is not looked at");
        using var second = await forge.SendAsync(HttpMethod.Get, Runners + "?page=2&limit=30");
        JsonNode.Parse(await second.Content.ReadAsStringAsync())!.AsArray().Count.ShouldBe(30);
        second.Headers.GetValues("X-Total-Count").ShouldBe(["65"]);
        var url = forge.Server.Url + Runners;
        string.Join(',', second.Headers.GetValues("Link")).ShouldBe(
            $"<{url}?limit=30&page=3>; rel=\"next\",<{url}?limit=30&page=3>; rel=\"last\",<{url}?limit=30&page=1>; " +
            $"rel=\"first\",<{url}?limit=30&page=1>; rel=\"prev\"");
        (await forge.GetAsync(Runners + "?page=1&limit=500"))!.AsArray().Count.ShouldBe(50);
        (await forge.GetAsync(Runners + "?page=9"))!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_may_not_is_told_why()
    {
        await using var forge = await Forge.StartAsync(0, null, [
            new ForgeAccount("ann", new Secret("ann"), false, ["all"]),
            new ForgeAccount("narrow", new Secret("narrow"), true, ["read:admin"])]);
        forge.Enqueue("x");
        var shared = forge.State.Register(ForgeScope.Admin, "shared");

        await Refused(forge, HttpMethod.Get, Runners, null, 401, "token is required");
        await Refused(forge, HttpMethod.Get, Runners, "wrong", 401, "access token does not exist [sha: wrong]");
        await Refused(forge, HttpMethod.Get, Runners, "ann", 403, "user should be the site admin");
        await Refused(
            forge, HttpMethod.Post, Runners, "narrow", 403, "token does not have at least one of required scope(s): [write:admin]");
        await Refused(
            forge, HttpMethod.Get, "/api/v1/user/actions/runners", "narrow", 403,
            "token does not have at least one of required scope(s): [read:user]");
        await Refused(forge, HttpMethod.Get, "/api/v1/orgs/acme/actions/runners", "ann", 403, "Must be an organization owner");
        await Refused(forge, HttpMethod.Get, "/api/v1/repos/acme/app/actions/runners", "ann", 403, "user should be the owner of the repo");
        await Refused(forge, HttpMethod.Get, "/api/v1/orgs/nobody/actions/runners", "ann", 404, "GetOrgByName");
        await Refused(forge, HttpMethod.Get, "/api/v1/repos/acme/none/actions/runners", "ann", 404, "The target couldn't be found.");
        using var nowhere = await forge.SendAsync(HttpMethod.Get, "/api/v1/nonsense");
        ((int)nowhere.StatusCode, await nowhere.Content.ReadAsStringAsync()).ShouldBe((404, "404 page not found\n"));
        await Refused(
            forge, HttpMethod.Delete, $"/api/v1/user/actions/runners/{shared.Id}", "ann", 404, "No permission to delete this runner");
        await Refused(forge, HttpMethod.Post, Runners, Forge.AdminToken, 422, "[Name]: Required", Json("{}"));
        await Refused(forge, HttpMethod.Post, Runners, Forge.AdminToken, 422, "[]: Unsupported Content-Type", new StringContent("name=x"));
        (await forge.SendAsync(HttpMethod.Get, Runners, "narrow")).StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await forge.Http.GetStringAsync(forge.Server.Url + "/api/v1/version"))!["version"]!.GetValue<string>()
            .ShouldStartWith("15.");
        JsonNode.Parse(await forge.Http.GetStringAsync(forge.Server.Url + "/api/v1/settings/api"))!["max_response_items"]!.GetValue<int>()
            .ShouldBe(50);
    }

    [Fact]
    public async Task Faults_are_met_in_order_and_then_over()
    {
        await using var forge = await Forge.StartAsync();
        var faults = forge.Server.Faults;
        faults.Add(ForgeRoute.Jobs, ForgeFault.Status(503, "busy", TimeSpan.FromSeconds(7)));
        faults.Add(ForgeRoute.Jobs, new ForgeFault(ForgeFaultKind.Html), 2);
        faults.Add(ForgeRoute.Jobs, new ForgeFault(ForgeFaultKind.Malformed));
        faults.Add(ForgeRoute.Jobs, new ForgeFault(ForgeFaultKind.Empty));
        faults.Add(ForgeRoute.Jobs, new ForgeFault(ForgeFaultKind.Disconnect));
        faults.Add(ForgeRoute.Jobs, new ForgeFault(ForgeFaultKind.Hang));
        var jobs = Runners + "/jobs";

        using var busy = await forge.SendAsync(HttpMethod.Get, jobs);
        ((int)busy.StatusCode, busy.Headers.RetryAfter!.Delta).ShouldBe((503, TimeSpan.FromSeconds(7)));
        for (var i = 0; i < 2; i++)
        {
            (await forge.SendAsync(HttpMethod.Get, jobs)).Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        }

        (await (await forge.SendAsync(HttpMethod.Get, jobs)).Content.ReadAsStringAsync()).ShouldStartWith("[{");
        (await (await forge.SendAsync(HttpMethod.Get, jobs)).Content.ReadAsStringAsync()).ShouldBe("");
        await Should.ThrowAsync<HttpRequestException>(() => forge.SendAsync(HttpMethod.Get, jobs));
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Should.ThrowAsync<OperationCanceledException>(() => forge.Http.SendAsync(Authorized(forge, jobs), impatient.Token));
        (await forge.GetAsync(jobs)).ShouldBeNull();
        forge.Server.Requests(ForgeRoute.Jobs).ShouldBe(8);

        faults.Add(ForgeRoute.RegisterRunner, new ForgeFault(ForgeFaultKind.LoseReply));
        await Should
            .ThrowAsync<HttpRequestException>(() => forge.SendAsync(HttpMethod.Post, Runners, content: Json("""{"name":"lost"}""")));
        forge.State.Runners(ForgeScope.Admin).ShouldHaveSingleItem().Name.ShouldBe("lost");
    }

    private static async Task Refused(
        Forge forge, HttpMethod method, string path, string? token, int status, string message, HttpContent? content = null)
    {
        using var response = await forge.SendAsync(method, path, token, content);
        ((int)response.StatusCode).ShouldBe(status, path);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        body["message"]!.GetValue<string>().ShouldBe(message);
        body["url"]!.GetValue<string>().ShouldEndWith("/api/swagger");
    }

    private static HttpRequestMessage Authorized(Forge forge, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, forge.Server.Url + path);
        request.Headers.Authorization = new("Bearer", Forge.AdminToken);
        return request;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
