using System.Globalization;
using FjBellows.Jobs;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

public sealed class JobQueueTests
{
    private const string Waiting =
        """{"id":982,"attempt":2,"handle":"a-handle","repo_id":3,"owner_id":4,"name":"build","needs":null,"runs_on":""" +
        """["docker"],"task_id":0,"status":"waiting","run_id":9}""";

    private const string Running =
        """{"id":981,"attempt":1,"handle":"","repo_id":3,"owner_id":4,"name":"lint","needs":["x"],"runs_on":null,"task_id":""" +
        """7,"status":"running"}""";

    [Fact]
    [Trait("Invariant", "J1")]
    public async Task Jobs_are_read_with_their_status()
    {
        await using var server = await CannedServer.AlwaysAsync(
            200, $"[{Waiting},{Running},{Running.Replace("running", "mending", StringComparison.Ordinal)}]");
        using var client = Client(server.Url);

        var jobs = await client.ListAsync(CancellationToken.None);

        jobs.Select(j => j.Status).ShouldBe([JobStatus.Waiting, JobStatus.Running, JobStatus.Other]);
        jobs.Count(j => j.IsDemand).ShouldBe(1);
        jobs[0].Key.ShouldBe(new JobKey("a-handle"));
        jobs[0].RunsOn.ShouldBe(["docker"]);
        jobs[1].Key.ShouldBe(new JobKey("981#1"));
        jobs[1].RunsOn.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("orgs/acme", "", null)]
    [InlineData("orgs/acme", "https://forge.example/acme/shop/actions/runs/7/jobs/0", "acme/shop")]
    [InlineData("admin", "https://example.org/forge/acme/actions/actions/runs/7", "acme/actions")]
    [InlineData("admin", "/acme/shop/actions/runs/7", null)]
    [InlineData("admin", "https://forge.example/acme/shop/issues/7", null)]
    [InlineData("admin", "https://forge.example/shop/actions/runs/7", null)]
    [InlineData("admin", "not an address", null)]
    [InlineData("repos/acme/shop", "", "acme/shop")]
    public async Task The_repository_is_named_where_the_scope_or_the_address_of_the_page_names_it(
        string scope, string page, string? repository)
    {
        var job = page.Length == 0
            ? Waiting
            : Waiting.Replace("\"run_id\":9", $"\"run_id\":9,\"html_url\":\"{page}\"", StringComparison.Ordinal);
        await using var server = await CannedServer.AlwaysAsync(200, $"[{job}]");
        using var client = Client(server.Url, scope);

        (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().Repo.ShouldBe(repository);
    }

    [Theory]
    [Trait("Invariant", "J4")]
    [InlineData("null", 0)]
    [InlineData("[]", 0)]
    [InlineData("  []\n", 0)]
    [InlineData("[" + Waiting + "]", 1)]
    [InlineData("{\"jobs\":[" + Waiting + "]}", 1)]
    [InlineData("{\"total_count\":1,\"data\":[" + Waiting + "]}", 1)]
    [InlineData("{\"jobs\":null}", 0)]
    public async Task Null_a_list_and_an_envelope_mean_what_they_say(string body, int jobs)
    {
        await using var server = await CannedServer.AlwaysAsync(200, body);
        using var client = Client(server.Url);

        (await client.ListAsync(CancellationToken.None)).Count.ShouldBe(jobs);
    }

    [Theory]
    [Trait("Invariant", "J4")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("\"jobs\"")]
    [InlineData("42")]
    [InlineData("{\"jobs\":{}}")]
    [InlineData("[null]")]
    [InlineData("[{\"name\":\"no id\",\"status\":\"waiting\"}]")]
    [InlineData("[{\"id\":1}]")]
    [InlineData("[{\"id\":\"1\",\"status\":\"waiting\"}]")]
    [InlineData("[{\"id\":1,\"status\":\"waiting\"")]
    [InlineData("<html><body>Sign in</body></html>")]
    public async Task Any_other_body_is_an_error_that_shows_its_beginning(string body)
    {
        await using var server = await CannedServer.AlwaysAsync(200, body, body.StartsWith('<') ? "text/html" : "application/json");
        using var client = Client(server.Url);

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        failure.Kind.ShouldBe(ForgejoErrorKind.Malformed);
        failure.Message.ShouldContain(body.Length == 0 ? "(it is empty)" : body);
    }

    [Fact]
    [Trait("Invariant", "J4")]
    public async Task The_excerpt_is_two_hundred_characters_on_one_line_without_the_token()
    {
        await using var server = await CannedServer.AlwaysAsync(200, "<p>\n" + Token + new string('x', 5000), "text/html");
        using var client = Client(server.Url);

        var failure = await FailureAsync(() => client.ListAsync(CancellationToken.None));

        failure.Message.ShouldContain("<p> ***xxx");
        failure.Message.ShouldNotContain("\n");
        failure.Message.Count(c => c == 'x').ShouldBeInRange(190, 200);
    }

    [Fact]
    [Trait("Invariant", "J6")]
    public async Task The_queue_is_asked_for_bare_names_whatever_characters_they_hold()
    {
        string? received = null;
        await using var server = await CannedServer.StartAsync((context, _) =>
        {
            received = context.Request.Query["labels"];
            return CannedServer.AnswerAsync(context, 200, "[]");
        });
        using var client = Client(server.Url, labels: ["docker:docker://node:22", "a+b&c=d%2F#é", "x/y:host", "\"q\";"]);

        await client.ListAsync(CancellationToken.None);

        received.ShouldBe("docker,a+b&c=d%2F#é,x/y,\"q\";");
    }

    [Theory]
    [InlineData("admin", "/api/v1/admin/actions/runners/jobs")]
    [InlineData("user", "/api/v1/user/actions/runners/jobs")]
    [InlineData("orgs/acme", "/api/v1/orgs/acme/actions/runners/jobs")]
    [InlineData("repos/acme/shop.js", "/api/v1/repos/acme/shop.js/actions/runners/jobs")]
    public async Task Each_scope_has_its_path_and_the_token_travels_in_the_header(string scope, string path)
    {
        await using var server = await CannedServer.AlwaysAsync(200, "[]");
        using var client = Client(new Uri(server.Url, "/forge/"), scope);

        await client.ListAsync(CancellationToken.None);

        var seen = server.Requests.ShouldHaveSingleItem();
        seen.Path.ShouldBe("/forge" + path);
        seen.Authorization.ShouldBe("token " + Token);
        seen.Query.ShouldNotContain(Token);
    }

    [Fact]
    public async Task A_large_queue_is_read_whole()
    {
        var body = string.Join(',', Enumerable.Range(1, 10_000).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":{{i}},"attempt":1,"handle":"h{{i}}","runs_on":["docker"],"task_id":0,"status":"waiting"}""")));
        await using var server = await CannedServer.AlwaysAsync(200, $"[{body}]");
        using var client = Client(server.Url);

        (await client.ListAsync(CancellationToken.None)).Count.ShouldBe(10_000);
    }
}
