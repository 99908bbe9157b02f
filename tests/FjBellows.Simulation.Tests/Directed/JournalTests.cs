using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>Journals that are older, lost, or read by another version, and texts that cannot be kept.</summary>
public sealed class JournalTests
{
    [Fact]
    [Trait("Invariant", "O2")]
    [Trait("Invariant", "W10")]
    public void A_lost_journal_costs_no_running_job_where_runners_reach_Forgejo_by_themselves() =>
        Holds(History(Job(0, 30), new JournalRestored(Minutes(5), Minutes(1)), Job(40, 5)));

    [Fact]
    [Trait("Invariant", "O2")]
    [Trait("Invariant", "J10")]
    public void An_older_journal() =>
        Holds(History(Job(0, 5), new JournalCopied(Minutes(3)), Job(10, 5, 2), new JournalRestored(Minutes(30), Minutes(1)), Job(40, 5)));

    [Fact]
    [Trait("Invariant", "W14")]
    public void A_new_version_of_the_daemon_takes_over_running_jobs() =>
        Holds(History(Job(0, 30, 2), new DaemonUpgraded(Minutes(5), TimeSpan.FromSeconds(20)), Job(40, 5)));

    [Fact]
    [Trait("Invariant", "R9")]
    public void One_record_that_cannot_be_kept_stops_nothing_else() => Holds(History(
        new HistoryRefusesText(TimeSpan.Zero) { Lasts = Minutes(300) },
        new StrangeJobsArrive(TimeSpan.Zero, 1, Minutes(1), "nul\0inside", "docker"),
        Job(10, 5, 3)));

    [Fact]
    [Trait("Invariant", "S10")]
    public void Names_of_jobs_that_no_terminal_likes() => Holds(History(
        new StrangeJobsArrive(TimeSpan.Zero, 2, Minutes(1), "$(reboot); `id` 'q\" \u202E\u0007", "docker"),
        new StrangeJobsArrive(TimeSpan.Zero, 2, Minutes(1), "", "docker")));
}
