using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace FjBellows.Simulation.Tests;

/// <summary>Fixed seeds, so that a change that breaks a rule is found before a soak finds it.</summary>
public sealed class SeededHistoryTests(ITestOutputHelper output)
{
    // CI asks for 860 of the last: a thousand in all.
    private static readonly int[] Seeds =
    [
        .. Enumerable.Range(1, 100),
        .. Enumerable.Range(HistoryGenerator.Whole, 40),
        .. Enumerable.Range(
            HistoryGenerator.Real, int.TryParse(Environment.GetEnvironmentVariable("FJB_SIMULATION_SEEDS"), out var seeds) ? seeds : 160),
    ];

    [Fact]
    [Trait("Invariant", "J5")]
    [Trait("Invariant", "W1")]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "B2")]
    [Trait("Invariant", "O1")]
    [Trait("Invariant", "O3")]
    [Trait("Invariant", "O4")]
    [Trait("Invariant", "R5")]
    [Trait("Invariant", "R6")]
    [Trait("Invariant", "R7")]
    public void Nothing_that_happens_breaks_a_rule()
    {
        var totals = new SoakTotals();
        var failed = new ConcurrentBag<HistoryRun>();
        var next = -1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var index && index < Seeds.Length)
            {
                var run = HistoryRun.Of(HistoryGenerator.Of(Seeds[index]));
                lock (totals)
                {
                    totals.Add(run);
                }

                if (run.Violations.Count > 0)
                {
                    failed.Add(run);
                }
            }
        })).ToArray();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        using var figures = new StringWriter();
        totals.Write(figures, watch.Elapsed, 1, threads.Length);
        output.WriteLine(figures.ToString());
        if (failed.MinBy(f => f.History.Seed) is { } first)
        {
            var rules = first.Violations.Select(v => v.Rule).ToHashSet();
            var shortest = Shrinker.Shrink(first.History, h => HistoryRun.Of(h).Violations.Any(v => rules.Contains(v.Rule)), 60);
            Assert.Fail(
                $"{failed.Count} of {Seeds.Length} seeds failed: " +
                $"{string.Join(' ', failed.Select(f => f.History.Seed).Order())}\n{HistoryRun.Of(shortest).Story()}");
        }
    }

    [Theory]
    [InlineData(100467)]
    [InlineData(100697)]
    [InlineData(100823)]
    [InlineData(300884)]
    [InlineData(303761)]
    [InlineData(303960)]
    [InlineData(508215)]
    [InlineData(509197)]
    [InlineData(622197)]
    [InlineData(701611)]
    [InlineData(709867)]
    [InlineData(710478)]
    [InlineData(710553)]
    [InlineData(721926)]
    [InlineData(733203)]
    [InlineData(734259)]
    [InlineData(745474)]
    [InlineData(759564)]
    public void A_seed_that_once_broke_a_rule_breaks_none(int seed)
    {
        var run = HistoryRun.Of(HistoryGenerator.Of(seed));
        run.Violations.ShouldBeEmpty(run.Story());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(42)]
    [InlineData(58)]
    public void A_seed_names_one_history_and_replays_it_exactly(int seed)
    {
        HistoryGenerator.Of(seed).ToString().ShouldBe(HistoryGenerator.Of(seed).ToString());
        var (first, second) = (HistoryRun.Of(HistoryGenerator.Of(seed)), HistoryRun.Of(HistoryGenerator.Of(seed)));
        second.TraceHash.ShouldBe(first.TraceHash);
        second.Steps.ShouldBe(first.Steps);
        HistoryRun.Of(HistoryGenerator.Of(seed + 1)).TraceHash.ShouldNotBe(first.TraceHash);
    }

    [Fact]
    public void A_failing_history_is_cut_down_to_what_makes_it_fail()
    {
        var history = HistoryGenerator.Of(20);
        history.Events.Count.ShouldBeGreaterThan(10);
        var (a, b) = (history.Events[2], history.Events[^2]);
        var shortest = Shrinker.Shrink(history, h => h.Events.Contains(a) && h.Events.Contains(b));
        shortest.Events.ShouldBe([a, b]);
        HistoryRun.Of(shortest).Story().ShouldContain("--seed 20");
    }
}
