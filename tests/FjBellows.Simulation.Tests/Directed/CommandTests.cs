using FjBellows.Sandbox.Virtual;
using static FjBellows.Simulation.Tests.Directed;

namespace FjBellows.Simulation.Tests;

/// <summary>Commands that fail or hang over connections that stand, and processes that do not obey.</summary>
public sealed class CommandTests
{
    [Fact]
    [Trait("Invariant", "W16")]
    public void A_clean_up_that_always_fails_drains_its_worker() =>
        Holds(History(Commands("clean", CallFate.Fails, machine: 1, minutes: 600), Job(0, 2), Job(4, 2), Job(8, 2)));

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_clean_up_that_fails_once_is_made_again() =>
        Holds(History(Commands("clean", CallFate.Fails, times: 1), Job(0, 2), Job(4, 2)));

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_clean_up_that_hangs_does_not_wedge_its_worker() =>
        Holds(History(Commands("clean", CallFate.Hangs, machine: 1, minutes: 600), Job(0, 2), Job(4, 2), Job(8, 2)));

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_start_that_always_fails_on_one_worker_ends_there() =>
        Holds(History(Commands("start", CallFate.Fails, machine: 1, minutes: 600), Job(0, 2), Job(4, 2)));

    [Fact]
    [Trait("Invariant", "J12")]
    public void A_follow_that_never_ends_does_not_keep_its_worker_busy() =>
        Holds(History(Commands("followed", CallFate.Hangs, minutes: 600), Job(0, 2)));

    [Fact]
    [Trait("Invariant", "J12")]
    public void A_process_that_no_signal_ends_goes_with_its_instance() =>
        Holds(History(Job(0, 600), new ProcessUnkillable(Minutes(5), 0), new JobCancelled(Minutes(6), 0), Job(120, 1)));

    [Theory]
    [InlineData("MaxSessions", "inspect")]
    [InlineData("volume in use", "clean")]
    [InlineData("no space left on device", "start")]
    [Trait("Invariant", "W16")]
    public void A_worker_that_refuses_three_times_is_used_again(string says, string call) =>
        Holds(History(Commands(call, CallFate.Fails, times: 3) with { Says = says }, Job(0, 2, 2), Job(10, 2, 2)));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [Trait("Invariant", "J11")]
    public void A_job_that_writes_its_own_exit_code_shares_its_worker_with_no_other(int code) =>
        Holds(History(Job(0, 60), new JobForgesExit(Minutes(5), 0, code), Job(6, 2, 2), Job(10, 2, 3)));
}
