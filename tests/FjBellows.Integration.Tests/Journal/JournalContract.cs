using Akka.Actor;
using Akka.Persistence;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>What a journal must do whatever database it is in.</summary>
public abstract class JournalContract
{
    private static readonly JobStarted Event = new(JournalSamples.At);

    /// <summary>A fresh, empty place for a journal.</summary>
    internal abstract Task<JournalSettings> PlaceAsync();

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var settings = await PlaceAsync();
        var events = JournalSamples.All.Where(s => s.Value is IWorkerEvent).Select(s => s.Value).ToArray();
        var state = (WorkerState)JournalSamples.All["w.state.1"];
        await using (var host = await JournalHost.StartAsync(settings))
        {
            var scribe = await host.ScribeAsync("worker-a");
            foreach (var e in events.SkipLast(1))
            {
                (await scribe.Ask<object>(e, JournalHost.Timeouts)).ShouldBeOfType<Scribe.Written>();
            }

            (await scribe.Ask<object>(state, JournalHost.Timeouts)).ShouldBeOfType<SaveSnapshotSuccess>();
            (await scribe.Ask<object>(events[^1], JournalHost.Timeouts)).ShouldBeOfType<Scribe.Written>();
        }

        await using (var host = await JournalHost.StartAsync(settings))
        {
            var memory = await (await host.ScribeAsync("worker-a")).Ask<Scribe.Memory>(new Scribe.Recall(), JournalHost.Timeouts);
            memory.Snapshot.ShouldBeEquivalentTo(state);
            memory.Events.ShouldHaveSingleItem().ShouldBeEquivalentTo(events[^1]);
        }
    }

    [Fact]
    public async Task No_clr_type_name_enters_the_journal()
    {
        var settings = await PlaceAsync();
        await using var host = await JournalHost.StartAsync(settings);
        var scribe = await host.ScribeAsync("worker-a");
        await scribe.Ask<object>(JournalSamples.All["w.job-assigned.1"], JournalHost.Timeouts);
        await scribe.Ask<object>(JournalSamples.All["w.state.1"], JournalHost.Timeouts);

        (await TextsAsync(settings, "SELECT manifest FROM journal")).ShouldBe(["w.job-assigned.1"]);
        (await TextsAsync(settings, "SELECT manifest FROM snapshot")).ShouldBe(["w.state.1"]);
    }

    [Fact]
    public async Task An_event_without_a_manifest_is_rejected_at_once_and_the_actor_lives()
    {
        var settings = await PlaceAsync();
        await using var host = await JournalHost.StartAsync(settings);
        var scribe = await host.ScribeAsync("worker-a");

        var refused = (await scribe.Ask<object>(new Scribe.Unbound("x"), JournalHost.Timeouts)).ShouldBeOfType<Scribe.Refused>();

        refused.How.ShouldBe("rejected");
        refused.Cause.Message.ShouldContain(nameof(Scribe.Unbound));
        (await scribe.Ask<object>(Event, JournalHost.Timeouts)).ShouldBeOfType<Scribe.Written>();
    }

    [Fact]
    [Trait("Invariant", "O5")]
    public async Task A_second_writer_with_the_same_id_is_refused_by_the_database()
    {
        var settings = await PlaceAsync();
        await using var one = await JournalHost.StartAsync(settings);
        await using var two = await JournalHost.StartAsync(settings);
        var first = await one.ScribeAsync("worker-a");
        var second = await two.ScribeAsync("worker-a");
        (await first.Ask<object>(Event, JournalHost.Timeouts)).ShouldBeOfType<Scribe.Written>();

        var refused = (await second.Ask<object>(Event, JournalHost.Timeouts)).ShouldBeOfType<Scribe.Refused>();
        refused.How.ShouldBe("failed");
        var explained = ((IPoolHistory)new SqlHistory(settings)).Explain(refused.Cause);
        explained.Refusal.ShouldBe(HistoryRefusal.OtherWriter);
        explained.Message.ShouldContain("another fj-bellows writes to the journal");
    }

    /// <summary>What a job's name, a runner's output or a cloud's answer can hold: characters that a database refuses, and more than
    /// anybody reads.</summary>
    [Fact]
    [Trait("Invariant", "R9")]
    public async Task No_text_from_outside_makes_a_record_unstorable()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var history = new SqlHistory(settings);
        string[] hostile =
            ["nul \0 in it", "half \ud800 of a pair", "other \udc00 half", "\ud83d\ude00 stays", new string('x', 1024 * 1024) + "\0"];

        for (var i = 0; i < hostile.Length; i++)
        {
            var at = JournalSamples.At.AddMinutes(i);
            var outcome = JournalSamples.Outcome("default", $"ci-a-{i}", at, hostile[i]);
            await history.AppendAsync(
                outcome with
                {
                    Assignment = outcome.Assignment with { Job = outcome.Assignment.Job with { Name = hostile[i], Handle = hostile[i] } },
                },
                CancellationToken.None);
            await history.AppendAsync(JournalSamples.Ledger("default", $"ci-{i}", at) with { End = hostile[i] }, CancellationToken.None);
            await history.AppendAsync(
                [new PoolNotice("default", at, NoticeKind.Warning, hostile[i], $"ci-\0{i}", 17)], CancellationToken.None);
        }

        var details = (await history.OutcomesAsync("default", DateTimeOffset.MinValue, 100, CancellationToken.None)).Select(o => o.Detail)
            .ToArray();
        details.ShouldBe(
            ["nul \ufffd in it", "half \ufffd of a pair", "other \ufffd half", "\ud83d\ude00 stays",
                new string('x', 1024 * 1024) + "\ufffd"]);
        (await history.LedgersAsync("default", DateTimeOffset.MinValue, 100, CancellationToken.None)).Count.ShouldBe(hostile.Length);
        (await history.NoticesAsync("ci-\ufffd0", null, 100, CancellationToken.None)).ShouldHaveSingleItem().Message
            .ShouldBe("nul \ufffd in it");
    }

    [Fact]
    [Trait("Invariant", "R9")]
    public async Task A_row_that_cannot_be_read_is_refused_for_its_content()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var history = new SqlHistory(settings);
        await history.AppendAsync(JournalSamples.Ledger("default", "ci-1", JournalSamples.At), CancellationToken.None);
        await ExecuteAsync(settings, "UPDATE fjb_ledgers SET record = '{}'");

        var failure =
            await Should
                .ThrowAsync<HistoryRefusedException>(
                    () => history.LedgersAsync("default", DateTimeOffset.MinValue, 100, CancellationToken.None));

        failure.Refusal.ShouldBe(HistoryRefusal.Content);
    }

    [Fact]
    public async Task A_journal_without_its_unique_index_is_refused()
    {
        var settings = await PlaceAsync();
        await using (await JournalHost.StartAsync(settings))
        {
        }

        await ExecuteAsync(
            settings, settings.Directory is null ? "ALTER TABLE journal DROP CONSTRAINT journal_uq" : "DROP INDEX journal_uq");

        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(settings, CancellationToken.None));
        failure.Kind.ShouldBe(JournalErrorKind.Corrupt);
        failure.Message.ShouldContain("unique index");
    }

    [Fact]
    public async Task A_newer_journal_is_refused_by_name_and_left_alone()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        await ExecuteAsync(settings, "UPDATE fjb_meta SET value = '99' WHERE key = 'schema'");
        await ExecuteAsync(settings, "UPDATE fjb_meta SET value = '7.4.0' WHERE key = 'written-by'");

        var failure = await Should.ThrowAsync<JournalException>(() => JournalCheck.PrepareAsync(settings, CancellationToken.None));

        failure.Kind.ShouldBe(JournalErrorKind.Newer);
        failure.Message.ShouldContain("fj-bellows 7.4.0 (schema 99)");
        (await TextsAsync(settings, "SELECT value FROM fjb_meta ORDER BY key")).ShouldBe(["99", "3", "7.4.0"]);
    }

    [Fact]
    public async Task An_older_journal_is_upgraded_and_keeps_its_events()
    {
        var settings = await PlaceAsync();
        await using (var host = await JournalHost.StartAsync(settings))
        {
            await (await host.ScribeAsync("worker-a")).Ask<object>(Event, JournalHost.Timeouts);
        }

        // As before the first version of our own tables.
        await ExecuteAsync(settings, "DROP TABLE fjb_meta");
        await ExecuteAsync(settings, "DROP TABLE fjb_outcomes");
        await ExecuteAsync(settings, "DROP TABLE fjb_ledgers");
        await using (var host = await JournalHost.StartAsync(settings))
        {
            var memory = await (await host.ScribeAsync("worker-a")).Ask<Scribe.Memory>(new Scribe.Recall(), JournalHost.Timeouts);
            memory.Events.ShouldBe([Event]);
        }

        (await TextsAsync(settings, "SELECT value FROM fjb_meta WHERE key = 'schema'"))
            .ShouldBe([JournalSchema.Current.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
    }

    [Fact]
    public async Task A_journal_of_the_second_schema_gets_only_what_it_lacks()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        await new SqlHistory(settings).AppendAsync(JournalSamples.Ledger("default", "ci-1", JournalSamples.At), CancellationToken.None);
        await ExecuteAsync(settings, "DROP TABLE fjb_pools");
        await ExecuteAsync(settings, "DELETE FROM fjb_meta WHERE key = 'steps'");
        await ExecuteAsync(settings, "UPDATE fjb_meta SET value = '2' WHERE key = 'schema'");

        await JournalCheck.PrepareAsync(settings, CancellationToken.None);

        (await TextsAsync(settings, "SELECT pool FROM fjb_pools")).ShouldBeEmpty();
        (await TextsAsync(settings, "SELECT value FROM fjb_meta WHERE key = 'steps'")).ShouldBe(["3"]);
        (await new SqlHistory(settings).LedgersAsync("default", DateTimeOffset.MinValue, 10, CancellationToken.None))
            .ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "O6")]
    public async Task A_journal_refuses_a_configuration_that_would_leave_its_workers_behind()
    {
        var settings = await PlaceAsync();
        var owners = new JournalOwners(settings);
        var mine = Identity("default");
        await using (var host = await JournalHost.StartAsync(settings))
        {
            await owners.ClaimAsync([mine], [], [], CancellationToken.None);
            var pool = await host.ScribeAsync("pool-default");
            await pool.Ask<object>(new PoolProtocol.WorkerPlanned(JournalSamples.At, "ci-a", "job 1 waits"), JournalHost.Timeouts);
            await pool.Ask<object>(new PoolProtocol.WorkerPlanned(JournalSamples.At, "ci-b", "job 2 waits"), JournalHost.Timeouts);
            await pool.Ask<object>(new PoolProtocol.WorkerEnded(JournalSamples.At, "ci-b"), JournalHost.Timeouts);
        }

        await owners.ClaimAsync([mine], [], [], CancellationToken.None);
        (await RefusedAsync(Identity("renamed"))).ShouldSatisfyAllConditions(
            m => m.ShouldContain("pool 'default' with 1 worker (ci-a)"), m => m.ShouldContain("--forget-pool default"),
            m => m.ShouldContain("scale.max: 0"));
        (await RefusedAsync(mine with { Provider = "docker" })).ShouldSatisfyAllConditions(
            m => m.ShouldContain("provider is docker, was linode"), m => m.ShouldContain("--adopt-pool default"));
        (await RefusedAsync(mine with { Account = "another" })).ShouldContain("account is another, was a1b2");
        (await RefusedAsync(mine with { Owner = "fjb-2", Tag = "other" })).ShouldContain("tag is other, was ci");
        await owners.ClaimAsync([mine with { Account = null }], [], [], CancellationToken.None);

        var moved = mine with { Owner = "fjb-2", Forgejo = "https://git.example.com/" };
        await owners.ClaimAsync([moved], ["default"], [], CancellationToken.None);
        await owners.ClaimAsync([moved], [], [], CancellationToken.None);

        (await Should.ThrowAsync<JournalException>(() => owners.ClaimAsync([moved], [], ["default"], CancellationToken.None))).Message
            .ShouldContain("take it out first");
        await owners.ClaimAsync([Identity("renamed")], [], ["default"], CancellationToken.None);
        await owners.ClaimAsync([Identity("renamed")], [], [], CancellationToken.None);
        (await TextsAsync(
            settings, "SELECT DISTINCT persistence_id FROM journal WHERE deleted = " + (settings.Directory is null ? "false" : "0")))
                .ShouldBeEmpty();

        async Task<string> RefusedAsync(PoolIdentity identity)
        {
            var failure = await Should.ThrowAsync<JournalException>(() => owners.ClaimAsync([identity], [], [], CancellationToken.None));
            failure.Kind.ShouldBe(JournalErrorKind.OtherOwner);
            return failure.Message;
        }

        static PoolIdentity Identity(string pool) => new(pool, "fjb-1", "ci", "linode", "a1b2", "https://forgejo.example.com/", "admin");
    }

    [Fact]
    public async Task An_event_of_a_newer_version_stops_recovery_with_its_reason()
    {
        var settings = await PlaceAsync();
        await using (var host = await JournalHost.StartAsync(settings))
        {
            await (await host.ScribeAsync("worker-a")).Ask<object>(Event, JournalHost.Timeouts);
        }

        await ExecuteAsync(settings, "UPDATE journal SET manifest = 'w.teleported.1'");
        await using (var host = await JournalHost.StartAsync(settings))
        {
            (await host.UnreadableAsync("worker-a")).Cause.ToString().ShouldContain("written by a newer fj-bellows");
        }
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public async Task A_purged_actor_leaves_no_row_behind_and_a_living_one_keeps_all()
    {
        var settings = await PlaceAsync();
        await using var host = await JournalHost.StartAsync(settings);
        var gone = await host.ScribeAsync("worker-gone");
        var alive = await host.ScribeAsync("worker-alive");
        foreach (var scribe in new[] { gone, gone, alive })
        {
            await scribe.Ask<object>(Event, JournalHost.Timeouts);
        }

        (await gone.Ask<object>(new Scribe.Forget(), JournalHost.Timeouts)).ShouldBeOfType<DeleteMessagesSuccess>();

        await new SqlHistory(settings).PruneAsync(DateTimeOffset.UtcNow.AddHours(-1), CancellationToken.None);
        (await TextsAsync(settings, "SELECT persistence_id FROM journal ORDER BY 1")).ShouldBe(["worker-alive", "worker-gone"]);
        await new SqlHistory(settings).PruneAsync(DateTimeOffset.UtcNow.AddHours(1), CancellationToken.None);
        (await TextsAsync(settings, "SELECT persistence_id FROM journal")).ShouldBe(["worker-alive"]);
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task No_configuration_holds_the_connection_string()
    {
        var settings = await PlaceAsync();
        await using var host = await JournalHost.StartAsync(settings);

        host.System.Settings.Config.ToString(true).ShouldNotContain(JournalStore.Of(settings).ConnectionString);
    }

    [Fact]
    public async Task The_history_keeps_one_of_each_returns_the_newest_oldest_first_and_forgets()
    {
        var settings = await PlaceAsync();
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        await HistoryContract.ProveAsync(new SqlHistory(settings));
    }

    internal static async Task ExecuteAsync(JournalSettings settings, string sql)
    {
        await using var connection = await JournalStore.Of(settings).OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, CancellationToken.None);
    }

    internal static async Task<IReadOnlyList<string>> TextsAsync(JournalSettings settings, string sql)
    {
        await using var connection = await JournalStore.Of(settings).OpenAsync(CancellationToken.None);
        return await connection.TextsAsync(sql, CancellationToken.None);
    }
}
