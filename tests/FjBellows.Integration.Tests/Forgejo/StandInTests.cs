using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>The client against the whole stand-in, which keeps Forgejo's rules.</summary>
public sealed class StandInTests : IAsyncLifetime
{
    private ForgeServer _forge = null!;

    public async Task InitializeAsync()
    {
        var accounts = new ForgeAccount[]
        {
            new("root", new Secret(Token), SiteAdmin: true, ["all"]),
            new("reader", new Secret("pat-reads-only"), SiteAdmin: true, ["read:organization"]),
            new("outsider", new Secret("pat-outsider"), SiteAdmin: false, ["all"]),
        };
        _forge = await ForgeServer.StartAsync(new ForgeServerOptions { State = new ForgeStateOptions { Accounts = accounts } });
        _forge.State.AddOrganization("acme", "root");
        _forge.State.Enqueue("acme/shop", new ForgeJobRequest("build", ["docker"], "{}"));
        _forge.State.Enqueue("acme/shop", new ForgeJobRequest("windows", ["windows"], "{}"));
    }

    public async Task DisposeAsync() => await _forge.DisposeAsync();

    [Theory]
    [InlineData("admin")]
    [InlineData("orgs/acme")]
    [InlineData("repos/acme/shop")]
    public async Task A_runner_lives_from_registration_to_deletion(string scope)
    {
        using var client = Client(scope);

        var credentials = await client.RegisterAsync("ci-a-1", "for build", CancellationToken.None);

        var listed = (await client.ListRunnersAsync(CancellationToken.None)).ShouldHaveSingleItem();
        listed.ShouldBe(new RegisteredRunner(credentials.Id, credentials.Uuid, "ci-a-1", RunnerStatus.Offline, Ephemeral: true));
        (await client.GetAsync(credentials.Id, CancellationToken.None)).ShouldBe(listed);
        await client.DeleteAsync(credentials.Id, CancellationToken.None);
        (await client.GetAsync(credentials.Id, CancellationToken.None)).ShouldBeNull();
        await client.DeleteAsync(credentials.Id, CancellationToken.None);
        (await client.ListRunnersAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "J6")]
    public async Task Only_jobs_for_the_labels_are_listed_and_an_empty_queue_is_empty()
    {
        using var client = Client("orgs/acme");
        using var idle = Client("orgs/acme", labels: "s390x");

        var job = (await client.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();
        job.Name.ShouldBe("build");
        job.IsDemand.ShouldBeTrue();
        job.Handle.ShouldNotBeEmpty();
        (await idle.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public async Task Every_page_of_a_large_fleet_is_read()
    {
        using var client = Client("orgs/acme");
        for (var i = 0; i < 130; i++)
        {
            _forge.State.Register(_forge.State.Authorize(Token, ForgeScopeKind.Organization, "acme", null, write: true), $"ci-{i}");
        }

        (await client.ListRunnersAsync(CancellationToken.None)).Select(r => r.Name).Distinct().Count().ShouldBe(130);
        _forge.Requests(ForgeRoute.ListRunners).ShouldBe(3);
    }

    [Fact]
    [Trait("Invariant", "O3")]
    public async Task A_runner_of_a_wider_scope_is_not_ours_to_delete()
    {
        using var admin = Client("admin");
        using var repository = Client("repos/acme/shop");
        var wide = await admin.RegisterAsync("global", "", CancellationToken.None);

        (await FailureAsync(() => repository.DeleteAsync(wide.Id, CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Rejected);
        (await admin.GetAsync(wide.Id, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task The_check_finds_a_good_token_good_and_says_what_another_lacks()
    {
        using var good = Client("orgs/acme");
        using var reader = Client("orgs/acme", "pat-reads-only");
        using var outsider = Client("orgs/acme", "pat-outsider");
        using var nowhere = Client("orgs/nobody");

        (await good.CheckAsync(CancellationToken.None)).ShouldAllBe(f => f.Grade == ForgejoGrade.Good);
        (await good.ListRunnersAsync(CancellationToken.None)).ShouldBeEmpty("the check registers nothing");
        (await ErrorsAsync(reader)).ShouldHaveSingleItem().ShouldContain("lacks the permission write:organization");
        (await ErrorsAsync(outsider)).ShouldAllBe(m => m.Contains("an owner of the organisation acme"));
        (await ErrorsAsync(nowhere)).ShouldAllBe(m => m.Contains("the scope 'orgs/nobody' does not exist"));
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task A_registration_whose_answer_is_lost_fails_and_is_found_by_name()
    {
        using var client = Client("orgs/acme");
        _forge.Faults.Add(ForgeRoute.RegisterRunner, new ForgeFault(ForgeFaultKind.LoseReply));

        (await FailureAsync(() => client.RegisterAsync("ci-a-1", "", CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
        (await client.ListRunnersAsync(CancellationToken.None)).ShouldHaveSingleItem().Name.ShouldBe("ci-a-1");
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(ForgejoClient client) =>
        [.. (await client.CheckAsync(CancellationToken.None)).Where(f => f.Grade == ForgejoGrade.Error).Select(f => f.Message)];

    private ForgejoClient Client(string scope, string token = Token, string labels = "docker") => new(new ForgejoSettings
    {
        Url = new Uri(_forge.Url),
        Token = new Secret(token),
        Scope = ForgejoScope.Parse(scope),
        Labels = LabelSet.Parse([labels]),
    });
}
