using System.Globalization;
using System.Text.Json;
using FjBellows.Jobs;
using Microsoft.AspNetCore.Http;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

public sealed class RunnerRegistryTests
{
    [Fact]
    public async Task Registering_sends_json_and_returns_the_secret_once()
    {
        await using var server = await CannedServer.AlwaysAsync(201, """{"id":5,"uuid":"u-5","token":"runner-token"}""");
        using var client = Client(server.Url);

        var credentials = await client.RegisterAsync("ci-abc-1", "for \"build\"", CancellationToken.None);

        credentials.Id.ShouldBe(5);
        credentials.Uuid.ShouldBe("u-5");
        credentials.Token.Reveal().ShouldBe("runner-token");
        credentials.ToString().ShouldNotContain("runner-token");
        var seen = server.Requests.ShouldHaveSingleItem();
        seen.Method.ShouldBe("POST");
        seen.ContentType.ShouldContain("json");
        using var body = JsonDocument.Parse(seen.Body);
        body.RootElement.GetProperty("name").GetString().ShouldBe("ci-abc-1");
        body.RootElement.GetProperty("description").GetString().ShouldBe("for \"build\"");
        body.RootElement.GetProperty("ephemeral").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [Trait("Invariant", "S4")]
    [InlineData("""{"id":5,"token":"runner-token"}""")]
    [InlineData("""{"id":5,"uuid":"","token":"runner-token"}""")]
    [InlineData("""{"id":5,"uuid":"u","token":"runner-token" """)]
    public async Task A_broken_registration_never_shows_its_token(string body)
    {
        await using var server = await CannedServer.AlwaysAsync(201, body);
        using var client = Client(server.Url);

        var failure = await FailureAsync(() => client.RegisterAsync("a", "b", CancellationToken.None));

        failure.Kind.ShouldBe(ForgejoErrorKind.Malformed);
        failure.ToString().ShouldNotContain("runner-token");
    }

    [Fact]
    public async Task A_name_that_forgejo_would_cut_is_refused_before_it_is_sent()
    {
        await using var server = await CannedServer.AlwaysAsync(201, "{}");
        using var client = Client(server.Url);

        await Should.ThrowAsync<ArgumentException>(() => client.RegisterAsync(new string('é', 128), "", CancellationToken.None));
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [Trait("Invariant", "O4")]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(50, 50, 1)]
    [InlineData(51, 51, 2)]
    [InlineData(120, 120, 3)]
    public async Task Every_page_is_read(int runners, int expected, int requests)
    {
        var rows = Rows(runners);
        await using var server = await PagedAsync(_ => rows);
        using var client = Client(server.Url);

        var found = await client.ListRunnersAsync(CancellationToken.None);

        found.Select(r => r.Id).ShouldBe(Enumerable.Range(1, expected).Select(i => (long)i), ignoreOrder: true);
        server.Requests.Count.ShouldBe(requests);
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_server_with_smaller_pages_and_no_count_is_read_to_its_end()
    {
        var rows = Rows(45);
        await using var server = await PagedAsync(_ => rows, most: 20, count: false);
        using var client = Client(server.Url);

        (await client.ListRunnersAsync(CancellationToken.None)).Count.ShouldBe(45);
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_row_that_moves_forward_between_two_pages_is_not_lost()
    {
        // While page 1 is on its way, the last runner comes online and moves to the front: page 2 repeats row 50, and row 120 is on no page
        // read so far.
        var rows = Rows(120).ToList();
        await using var server = await PagedAsync(request =>
        {
            if (request == 2)
            {
                var last = rows[^1];
                rows.RemoveAt(119);
                rows.Insert(0, last);
            }

            return rows;
        });
        using var client = Client(server.Url);

        var found = await client.ListRunnersAsync(CancellationToken.None);

        found.Select(r => r.Id).ShouldBe(Enumerable.Range(1, 120).Select(i => (long)i), ignoreOrder: true);
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_deletion_that_pulls_rows_over_a_page_break_loses_none()
    {
        var rows = Rows(120).ToList();
        await using var server = await PagedAsync(request =>
        {
            if (request == 2)
            {
                rows.RemoveAt(0);
            }

            return rows;
        });
        using var client = Client(server.Url);

        var found = await client.ListRunnersAsync(CancellationToken.None);

        found.Select(r => r.Id).ShouldBe(Enumerable.Range(2, 119).Select(i => (long)i), ignoreOrder: true);
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_fleet_that_never_holds_still_is_read_in_one_go()
    {
        var rows = Rows(120).ToList();
        await using var server = await PagedAsync(_ =>
        {
            var last = rows[^1];
            rows.RemoveAt(119);
            rows.Insert(0, last);
            return rows;
        });
        using var client = Client(server.Url);

        var found = await client.ListRunnersAsync(CancellationToken.None);

        found.Select(r => r.Id).ShouldBe(Enumerable.Range(1, 120).Select(i => (long)i), ignoreOrder: true);
        server.Requests.Last().Query.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_partial_list_is_never_returned()
    {
        var rows = Rows(120);
        await using var server = await CannedServer.StartAsync((context, self) => self.Requests.Count < 3
            ? PageAsync(context, rows, 50, true)
            : CannedServer.AnswerAsync(context, 500, ""));
        using var client = Client(server.Url);

        (await FailureAsync(() => client.ListRunnersAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
    }

    [Theory]
    [InlineData("idle", RunnerStatus.Idle)]
    [InlineData("active", RunnerStatus.Active)]
    [InlineData("offline", RunnerStatus.Offline)]
    [InlineData("resting", RunnerStatus.Unknown)]
    public async Task A_single_runner_is_read(string status, RunnerStatus expected)
    {
        await using var server = await CannedServer.AlwaysAsync(
            200, $$"""{"id":7,"uuid":"u-7","owner_id":1,"repo_id":""" +
            $$"""0,"name":"ci-a-1","status":"{{status}}","version":"","labels":null,"description":"","ephemeral":true}""");
        using var client = Client(server.Url);

        (await client.GetAsync(7, CancellationToken.None)).ShouldBe(new RegisteredRunner(7, "u-7", "ci-a-1", expected, true));
        server.Requests.ShouldHaveSingleItem().Path.ShouldBe("/api/v1/orgs/acme/actions/runners/7");
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task Only_forgejos_own_404_proves_an_absence()
    {
        var answers = new Queue<string>(
            ["""{"message":"runner with ID 7: resource does not exist","url":"x"}""", "<html>404 page not found</html>"]);
        await using var server = await CannedServer.StartAsync((context, _) => CannedServer.AnswerAsync(context, 404, answers.Dequeue()));
        using var client = Client(server.Url);

        (await client.GetAsync(7, CancellationToken.None)).ShouldBeNull();
        (await FailureAsync(() => client.GetAsync(7, CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.NotFound);
    }

    [Theory]
    [Trait("Invariant", "O4")]
    [InlineData(204, "", null)]
    [InlineData(404, """{"message":"runner with ID 7: resource does not exist"}""", null)]
    [InlineData(404, """{"message":"No permission to delete this runner"}""", ForgejoErrorKind.Rejected)]
    [InlineData(404, "<html>404 page not found</html>", ForgejoErrorKind.NotFound)]
    [InlineData(500, "", ForgejoErrorKind.Unreachable)]
    public async Task Deleting_what_is_gone_is_a_success_and_what_is_not_ours_is_none(int status, string body, ForgejoErrorKind? kind)
    {
        await using var server = await CannedServer.StartAsync((context, _) => context.Request.Method == "GET"
            ? CannedServer.AnswerAsync(context, 200, """{"id":7,"name":"ci-7","status":"idle"}""")
            : CannedServer.AnswerAsync(context, status, body));
        using var client = Client(server.Url);

        if (kind is null)
        {
            await client.DeleteAsync(7, CancellationToken.None);
        }
        else
        {
            (await FailureAsync(() => client.DeleteAsync(7, CancellationToken.None))).Kind.ShouldBe(kind.Value);
        }
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task A_registration_that_went_with_its_job_is_not_deleted_once_more()
    {
        await using var server = await CannedServer.AlwaysAsync(404, """{"message":"runner with ID 7: resource does not exist"}""");
        using var client = Client(server.Url);

        await client.DeleteAsync(7, CancellationToken.None);

        server.Requests.ShouldHaveSingleItem().Method.ShouldBe("GET");
    }

    private static IReadOnlyList<long> Rows(int count) => [.. Enumerable.Range(1, count).Select(i => (long)i)];

    private static Task<CannedServer> PagedAsync(Func<int, IReadOnlyList<long>> rowsAt, int most = 50, bool count = true) =>
        CannedServer.StartAsync((context, self) => PageAsync(context, rowsAt(self.Requests.Count), most, count));

    private static Task PageAsync(HttpContext context, IReadOnlyList<long> rows, int most, bool count)
    {
        IEnumerable<long> page = rows;
        if (int.TryParse(context.Request.Query["page"], CultureInfo.InvariantCulture, out var number))
        {
            var limit = Math.Min(most, int.Parse(context.Request.Query["limit"]!, CultureInfo.InvariantCulture));
            page = rows.Skip((number - 1) * limit).Take(limit);
        }

        var items =
            page.Select(
                id => $$"""{"id":{{id}},"uuid":"u-{{id}}","name":"ci-{{id}}","status":"active","labels":["docker"],"ephemeral":true}""");
        (string, string)[] headers = count ? [("X-Total-Count", rows.Count.ToString(CultureInfo.InvariantCulture))] : [];
        return CannedServer.AnswerAsync(context, 200, $"[{string.Join(',', items)}]", headers: headers);
    }
}
