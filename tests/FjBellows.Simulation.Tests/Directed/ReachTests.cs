using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>Runners that reach Forgejo through the daemon, results that must be delivered, answers that are lost on their way.</summary>
public sealed class ReachTests
{
    [Fact]
    [Trait("Invariant", "W14")]
    public void A_job_that_ends_while_the_daemon_is_down_passes_where_runners_reach_Forgejo_by_themselves() =>
        Holds(History(Job(0, 5), new DaemonKilled(Minutes(3), Minutes(5), null)));

    [Fact]
    [Trait("Invariant", "J13")]
    [Trait("Invariant", "W14")]
    public void A_job_that_ends_while_its_tunnel_is_away_for_five_minutes_passes() =>
        Holds(History(new TunnelOnly(TimeSpan.Zero), Job(0, 5), new DaemonKilled(Minutes(3), Minutes(5), null)));

    [Fact]
    [Trait("Invariant", "J13")]
    public void A_job_that_ends_while_Forgejo_is_away_for_five_minutes_passes() =>
        Holds(History(Job(0, 5), new ForgejoAway(Minutes(4)) { Lasts = Minutes(5) }));

    [Fact]
    [Trait("Invariant", "W14")]
    public void A_short_absence_of_the_tunnel_costs_no_job() =>
        Holds(History(
            new TunnelOnly(TimeSpan.Zero), Job(0, 5, 2), new DaemonKilled(Minutes(3), TimeSpan.FromSeconds(20), null),
            new LinkBreaks(Minutes(4), null)));

    [Fact]
    [Trait("Invariant", "J7")]
    [Trait("Invariant", "J17")]
    public void A_task_whose_answer_is_lost_is_fetched_again() => KnownFault(
        "J7",
        "runners are started without --wait: one lost answer strands the job that Forgejo assigned",
        History(new FetchAnswersLost(TimeSpan.Zero, 1) { Lasts = Minutes(1.5) }, Job(0, 5)));

    [Fact]
    [Trait("Invariant", "J9")]
    public void The_runner_of_a_cancelled_job_does_not_go_on_reporting() =>
        Holds(History(Job(0, 30), new JobCancelled(Minutes(5), 0), Job(6, 2)));

    [Fact]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "O2")]
    public void A_job_behind_a_tunnel_survives_the_loss_of_the_journal() => KnownFault(
        "W10",
        "an unknown instance of ours with a running job is not connected to, so that its runner cannot report, counts as idle, and the " +
        "instance is deleted",
        History(new TunnelOnly(TimeSpan.Zero), Job(0, 30), new JournalRestored(Minutes(5), Minutes(1))));
}
