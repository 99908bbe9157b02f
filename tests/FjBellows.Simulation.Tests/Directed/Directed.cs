using FjBellows.Billing;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Short histories written by hand, each for one fault.</summary>
internal static class Directed
{
    /// <summary>A history of given events: hourly billing, two workers at most, 40 s of boot.</summary>
    public static History History(params HistoryEvent[] events) => new()
    {
        Seed = 1,
        Billing = BillingModel.Hourly,
        Max = 2,
        Boot = TimeSpan.FromSeconds(40),
        BusyInterval = TimeSpan.FromSeconds(2),
        AtLeast = TimeSpan.FromHours(1),
        Events = [.. events.OrderBy(e => e.At)],
    };

    /// <summary>One job for the label that every worker has.</summary>
    public static JobsArrive Job(double atMinute, double minutes, int count = 1) =>
        new(TimeSpan.FromMinutes(atMinute), count, TimeSpan.FromMinutes(minutes), "docker", null);

    /// <summary>Calls that go wrong for as long as an hour.</summary>
    public static CommandsFail Commands(
        string call, CallFate fate, int? machine = null, int? times = null, double atMinute = 0, double minutes = 60) =>
        new(TimeSpan.FromMinutes(atMinute), call, fate, machine, times, 1) { Lasts = TimeSpan.FromMinutes(minutes) };

    public static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    /// <summary>The product stands a history.</summary>
    public static void Holds(History history)
    {
        var run = HistoryRun.Of(history);
        run.Violations.ShouldBeEmpty(run.Story());
    }
}
