using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FjBellows.Providers;
using FjBellows.Providers.Template;

namespace FjBellows.Tests.Samples;

/// <summary>What a provider owes the pool, shown on the one that people start from: copy it together with these.</summary>
public sealed class TemplateProviderTests : IDisposable
{
    private static readonly Ownership Ours = Ownership.Of(new Uri("https://forge.test"), "admin", "sample-ci", "main");
    private readonly FakeCloud _cloud = new();
    private readonly TemplateProvider _provider;

    public TemplateProviderTests() => _provider = new TemplateProvider(
        new TemplateSettings
        {
            Url = new Uri("https://cloud.test/v1/"),
            Token = new Secret("canary-token"),
            Region = "north",
            Type = "small",
            Image = "debian",
        }, _cloud);

    public void Dispose() => _provider.Dispose();

    [Fact]
    public async Task What_is_created_carries_both_marks_and_is_listed()
    {
        var created = await CreateAsync("w-1");

        Ours.Owns(created).ShouldBeTrue();
        (await _provider.ListAsync(Ours, CancellationToken.None)).ShouldHaveSingleItem().Name.ShouldBe("w-1");
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task A_name_is_created_once_and_the_second_time_found()
    {
        var first = await CreateAsync("w-1");
        var second = await CreateAsync("w-1");

        second.Id.ShouldBe(first.Id);
        _cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_foreign_machine_of_that_name_is_a_conflict_and_stays()
    {
        _cloud.Add("w-1", Ours.Tag, "fjb-somebodyelse");

        (await Should.ThrowAsync<CloudException>(() => CreateAsync("w-1"))).Kind.ShouldBe(CloudErrorKind.Conflict);
        _cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Every_page_is_read_and_other_tags_are_left_out()
    {
        for (var i = 0; i < 5; i++)
        {
            _cloud.Add($"w-{i}", Ours.Tag, Ours.Owner);
        }

        _cloud.Add("other", "another-tag", Ours.Owner);

        (await _provider.ListAsync(Ours, CancellationToken.None)).Select(i => i.Name)
            .ShouldBe(["w-0", "w-1", "w-2", "w-3", "w-4"], ignoreOrder: true);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task A_deleted_machine_is_gone_and_deleting_it_again_is_no_failure()
    {
        var created = await CreateAsync("w-1");
        await _provider.DeleteAsync(created.Id, "w-1", CancellationToken.None);
        await _provider.DeleteAsync(created.Id, "w-1", CancellationToken.None);

        (await _provider.GetAsync(created.Id, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(429, "", CloudErrorKind.RateLimited)]
    [InlineData(500, "", CloudErrorKind.Transient)]
    [InlineData(401, "", CloudErrorKind.Auth)]
    [InlineData(404, "<html>no route</html>", CloudErrorKind.Transient)]
    [InlineData(404, """{"code":"not_found"}""", CloudErrorKind.NotFound)]
    [InlineData(422, """{"code":"no_capacity"}""", CloudErrorKind.CapacityOut)]
    [InlineData(422, """{"code":"quota"}""", CloudErrorKind.QuotaExceeded)]
    [InlineData(422, """{"message":"no such region"}""", CloudErrorKind.InvalidConfig)]
    [Trait("Invariant", "R2")]
    public async Task A_refusal_is_of_the_kind_that_decides_what_happens_next(int status, string body, CloudErrorKind kind)
    {
        _cloud.Refusal = ((HttpStatusCode)status, body);

        var error = await Should.ThrowAsync<CloudException>(() => CreateAsync("w-1"));

        error.Kind.ShouldBe(kind);
        error.Message.ShouldContain("https://cloud.test/v1/machines");
        error.ToString().ShouldNotContain("canary-token");
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_list_that_breaks_off_is_no_list()
    {
        _cloud.Add("w-1", Ours.Tag, Ours.Owner);
        _cloud.Refusal = (HttpStatusCode.BadGateway, "");

        await Should.ThrowAsync<CloudException>(() => _provider.ListAsync(Ours, CancellationToken.None));
    }

    private Task<Instance> CreateAsync(string name) =>
        _provider.CreateAsync(new InstanceSpec(name, Ours, new Secret("#cloud-config"), ["ssh-ed25519 AAAA"]), CancellationToken.None);

    /// <summary>The cloud, with two machines on a page.</summary>
    private sealed class FakeCloud : HttpMessageHandler
    {
        private int _ids;

        public List<JsonObject> Machines { get; } = [];

        public (HttpStatusCode Status, string Body)? Refusal { get; set; }

        public JsonObject Add(string name, params string[] tags)
        {
            var machine = new JsonObject
            {
                ["id"] = $"{++_ids}",
                ["name"] = name,
                ["status"] = "new",
                ["created_at"] = "2026-01-01T00:00:00Z",
                ["ipv4"] = "192.0.2.1",
                ["tags"] = new JsonArray([.. tags.Select(t => (JsonNode)t)]),
                ["region"] = "north",
                ["type"] = "small",
                ["price_per_hour"] = 0.02,
            };
            Machines.Add(machine);
            return machine;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Refusal is { } refusal)
            {
                return Answer(refusal.Status, refusal.Body);
            }

            var id = request.RequestUri!.Segments is [.., "machines/", var last] ? last : null;
            var found = Machines.FirstOrDefault(m => (string?)m["id"] == id);
            switch (request.Method.Method)
            {
                case "POST":
                    var body = (JsonObject)JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
                    var name = (string)body["name"]!;
                    return Machines.Any(m => (string?)m["name"] == name)
                        ? Answer(HttpStatusCode.Conflict, """{"code":"name_taken","message":"the name is taken"}""")
                        : Answer(HttpStatusCode.Created, Add(name, [.. body["tags"]!.AsArray().Select(t => (string)t!)]).ToJsonString());
                case "GET" when id is null:
                    var page = int.Parse(request.RequestUri.Query.Split("page=")[1], System.Globalization.CultureInfo.InvariantCulture);
                    var machines = new JsonArray([.. Machines.Skip((page - 1) * 2).Take(2).Select(m => m.DeepClone())]);
                    return Answer(
                        HttpStatusCode.OK,
                        new JsonObject { ["machines"] = machines, ["next"] = page * 2 < Machines.Count ? page + 1 : null }.ToJsonString());
                case "DELETE" when found is not null:
                    Machines.Remove(found);
                    return Answer(HttpStatusCode.NoContent, "");
                default:
                    return found is not null
                        ? Answer(HttpStatusCode.OK, found.ToJsonString())
                        : Answer(HttpStatusCode.NotFound, """{"code":"not_found"}""");
            }
        }

        private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
            new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
