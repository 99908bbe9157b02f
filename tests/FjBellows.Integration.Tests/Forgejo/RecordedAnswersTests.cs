using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FjBellows.Forgejo;
using FjBellows.Jobs;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>The client reads what real servers answered: every list, every single thing, every refusal.</summary>
public sealed partial class RecordedAnswersTests
{
    private static readonly Secret Token = new(new string('0', 40));

    [Theory]
    [InlineData("15", 54)]
    [InlineData("16", 95)]
    [InlineData("17-dev", 95)]
    [Trait("Invariant", "J4")]
    public void Every_recorded_answer_that_the_client_may_get_is_read(string release, int count)
    {
        var read = 0;
        foreach (var exchange in Recording.Rest(release))
        {
            var path = exchange.Path.Split('?')[0];
            if (!Asked().IsMatch(path))
            {
                continue;
            }

            read++;
            using var message = new HttpResponseMessage((HttpStatusCode)exchange.Status);
            foreach (var (name, value) in exchange.Headers)
            {
                message.Headers.TryAddWithoutValidation(name, value?.GetValue<string>());
            }

            var answer = new ForgejoAnswer(
                exchange.ToString(), message.StatusCode, message.Headers, Encoding.UTF8.GetBytes(exchange.Answer), Token,
                holdsSecret: false);
            if (answer.Succeeded)
            {
                Read(exchange, path, answer);
            }
            else
            {
                Refuse(exchange, answer);
            }
        }

        read.ShouldBe(count);
    }

    [Theory]
    [InlineData("15")]
    [InlineData("16")]
    [InlineData("17-dev")]
    [Trait("Invariant", "J1")]
    public void Every_recorded_list_of_jobs_is_read(string release)
    {
        foreach (var (situation, rows) in Recording.Lists(release)["jobs"]!.AsObject())
        {
            var jobs = Jobs(rows);
            jobs.Count.ShouldBe(rows?.AsArray().Count ?? 0, situation);
            foreach (var job in jobs)
            {
                job.Handle.ShouldNotBeEmpty(situation);
                job.RunsOn.ShouldNotBeEmpty(situation);
                job.IsDemand.ShouldBe(job.TaskId == 0, situation);
                job.RunId.HasValue.ShouldBe(release != "15", situation);
            }
        }
    }

    private static IReadOnlyList<QueuedJob> Jobs(JsonNode? rows)
    {
        using var message = new HttpResponseMessage(HttpStatusCode.OK);
        var body = Encoding.UTF8.GetBytes(rows?.ToJsonString() ?? "null");
        return [.. new ForgejoAnswer("GET", message.StatusCode, message.Headers, body, Token, false).ReadList(
            WireJson.Default.IReadOnlyListWireJob, "jobs").Select(j => j.ToJob())];
    }

    private static void Read(RestExchange exchange, string path, ForgejoAnswer answer)
    {
        var rows = exchange.Body as JsonArray;
        switch (exchange.Method.Method)
        {
            case "POST" when exchange.Status == 201:
                answer.Read(WireJson.Default.WireCredentials).Id.ShouldBe(exchange.Body!["id"]!.GetValue<long>());
                break;
            case "GET" when path.EndsWith("/version", StringComparison.Ordinal):
                ForgejoVersion.Parse(answer.Read(WireJson.Default.WireVersion).Version).IsSupported.ShouldBeTrue();
                break;
            case "GET" when path.EndsWith("/jobs", StringComparison.Ordinal):
                answer.ReadList(WireJson.Default.IReadOnlyListWireJob, "jobs", "data").Count
                    .ShouldBe(rows?.Count ?? 0, exchange.ToString());
                break;
            case "GET" when path.EndsWith("/runners", StringComparison.Ordinal):
                answer.ReadList(WireJson.Default.IReadOnlyListWireRunner, "runners", "data").Count
                    .ShouldBe(rows!.Count, exchange.ToString());
                answer.TotalCount.ShouldNotBeNull(exchange.ToString());
                break;
            case "GET" when path.Contains("/runners/", StringComparison.Ordinal):
                answer.Read(WireJson.Default.WireRunner).ToRunner().Status.ShouldNotBe(RunnerStatus.Unknown, exchange.ToString());
                break;
        }
    }

    private static void Refuse(RestExchange exchange, ForgejoAnswer answer)
    {
        var refusal = answer.Refusal(ForgejoScope.Parse("orgs/acme"), DateTimeOffset.UnixEpoch);
        refusal.Kind.ShouldBe(
            exchange.Status switch
            {
                401 or 403 => ForgejoErrorKind.Unauthorized,
                404 => ForgejoErrorKind.NotFound,
                _ => ForgejoErrorKind.Rejected,
            },
            exchange.ToString());
        refusal.Message.ShouldNotContain(Token.Reveal());
        refusal.Message.ShouldNotContain("\n");
        if (exchange.Body is JsonObject)
        {
            answer.IsErrorObject.ShouldBeTrue(exchange.ToString());
            answer.RootUrl!.ToString().ShouldMatch(@"^http://198\.18\.0\.1:\d+/$");
        }
    }

    [GeneratedRegex("/(version|settings/api|runners(/jobs|/[^/]+)?|runs/[^/]+/(jobs|cancel))$")]
    private static partial Regex Asked();
}
