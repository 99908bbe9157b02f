using System.Diagnostics;
using FjBellows.Integration.Tests.Control;
using FjBellows.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>Who may decide for a pool whose journal is in PostgreSQL (invariant O5), against a real server.</summary>
[Trait("Invariant", "O5")]
public sealed class PoolLeaseTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_second_is_told_who_has_it_and_gets_it_when_the_first_ends()
    {
        var settings = await PlaceAsync();
        await using var second = Lease(settings, "fj-bellows on standby (process 2)", "b", "a");
        await using (var first = Lease(settings, "fj-bellows on active (process 1)", "a"))
        {
            (await first.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
            first.IsHeld.ShouldBeTrue();

            var holder = (await second.TryTakeAsync(CancellationToken.None)).ShouldNotBeNull();
            holder.Pool.ShouldBe("a");
            holder.Name.ShouldBe("fj-bellows on active (process 1)");
            holder.Address.ShouldBe("127.0.0.1");
            holder.ToString().ShouldContain("holds pool 'a'");
            second.IsHeld.ShouldBeFalse();

            // All or none: what it could have had is free for others.
            await using var third = Lease(settings, "third", "b");
            (await third.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
        }

        await UntilAsync(async () => await second.TryTakeAsync(CancellationToken.None) is null);
        second.IsHeld.ShouldBeTrue();
    }

    [Fact]
    public async Task Journals_in_two_databases_of_one_server_do_not_meet()
    {
        await using var one = Lease(await PlaceAsync(), "one", "a");
        await using var two = Lease(await PlaceAsync(), "two", "a");

        (await one.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
        (await two.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_cut_connection_ends_the_right_to_act_until_the_locks_are_taken_back()
    {
        var settings = await PlaceAsync();
        using var log = new CollectedLog();
        await using var lease = PoolLease.Of(settings, ["a", "b"], "cut", TimeProvider.System, log)!;
        (await lease.TryTakeAsync(CancellationToken.None)).ShouldBeNull();

        await JournalContract.ExecuteAsync(
            settings, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'");

        await UntilAsync(() => Task.FromResult(log.Text.Contains("took the pool locks back", StringComparison.Ordinal)));
        log.Text.ShouldContain("lost the database connection");
        lease.IsHeld.ShouldBeTrue();
        lease.Taken.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_does_not_answer_ends_the_right_to_act_within_seconds()
    {
        var settings = await PlaceAsync();
        await using var lease = Lease(settings, "frozen", "a");
        (await lease.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
        var backend =
            (await JournalContract.TextsAsync(settings, "SELECT CAST(pid AS text) FROM pg_stat_activity WHERE application_name = 'frozen'"))
                .ShouldHaveSingleItem();

        await SignalAsync("STOP", backend);
        try
        {
            var since = Stopwatch.StartNew();
            await UntilAsync(() => Task.FromResult(!lease.IsHeld));
            Console.WriteLine($"not held after {since.Elapsed.TotalSeconds:0.0} s");
        }
        finally
        {
            await SignalAsync("CONT", backend);
        }

        await UntilAsync(() => Task.FromResult(lease.IsHeld));

        static async Task SignalAsync(string signal, string process)
        {
            using var kill = Process.Start("kill", [$"-{signal}", process]);
            await kill.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Whoever_lost_the_locks_to_another_learns_to_whom_and_does_not_act_again()
    {
        var settings = await PlaceAsync();
        await using var first = Lease(settings, "first", "a");
        await using var second = Lease(settings, "second", "a");
        (await first.TryTakeAsync(CancellationToken.None)).ShouldBeNull();
        var watch =
            Task.Run(() => UntilAsync(async () => await second.TryTakeAsync(CancellationToken.None) is null, TimeSpan.FromMilliseconds(5)));

        // The first tries to take its locks back once a second; the second waits for them all the time.
        while (!watch.IsCompleted)
        {
            await JournalContract.ExecuteAsync(
                settings, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'first'");
            await Task.Delay(50);
        }

        await watch;
        (await first.Taken.WaitAsync(Limit)).Name.ShouldBe("second");
        first.IsHeld.ShouldBeFalse();
        second.IsHeld.ShouldBeTrue();
    }

    [Fact]
    public async Task A_journal_in_a_file_needs_no_lease()
    {
        await PlaceAsync();
        PoolLease.Of(JournalSettings.Sqlite("/nowhere"), ["a"], "x", TimeProvider.System, NullLogger.Instance).ShouldBeNull();
    }

    private static PoolLease Lease(JournalSettings settings, string holder, params string[] pools) =>
        PoolLease.Of(settings, pools, holder, TimeProvider.System, NullLogger.Instance)!;

    private static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? pause = null)
    {
        for (var since = Stopwatch.StartNew(); !await condition(); await Task.Delay(pause ?? TimeSpan.FromMilliseconds(50)))
        {
            since.Elapsed.ShouldBeLessThan(Limit);
        }
    }

    private async Task<JournalSettings> PlaceAsync()
    {
        return JournalSettings.PostgreSql(new Secret(await server.DatabaseAsync()));
    }
}
