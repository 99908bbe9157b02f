using FjBellows.Billing;
using FjBellows.Costs;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Pool;
using FjBellows.Sandbox.Simulation;

namespace FjBellows.Daemon.Bill;

/// <summary>One setting of a sweep and what came of it.</summary>
/// <param name="Setting">The setting, as <c>wait_budget=5m</c>; empty where nothing was swept.</param>
/// <param name="Result">What the pool did; null where the past itself is the point.</param>
/// <param name="Cost">What it cost.</param>
internal sealed record SweepPoint(string Setting, SimulationResult? Result, CostReport Cost);

/// <summary>Simulates the same jobs under every combination of some settings, on all processors.</summary>
internal static class SimulationSweep
{
    private const string LabelBudget = "wait_budgets";

    private static readonly Dictionary<string, Func<SimulationSettings, string, SimulationSettings>> Keys = new(StringComparer.Ordinal)
    {
        ["wait_budget"] = (s, text) => s with { Waiting = s.Waiting with { Budget = Duration("wait_budget", text) } },
        [LabelBudget] = (_, _) => throw new CommandException(ExitCode.Usage, $"write a label's budget as {LabelBudget}.deploy=0s"),
        ["expected_duration"] = (s, text) => s with { Waiting = s.Waiting with { ExpectedDuration = Duration("expected_duration", text) } },
        ["max"] = (s, text) =>
            s with { Max = int.TryParse(text, out var max) && max > 0 ? max : throw Wrong("max", text, "a number from 1") },
        ["min_idle"] = (s, text) => s with
        {
            Reserve = int.TryParse(text, out var idle) && idle >= 0
                ? (idle == 0 ? null : new ConstantReserve(idle))
                : throw Wrong("min_idle", text, "a number from 0"),
        },
        ["idle_timeout"] = (s, text) => s with { Teardown = s.Teardown with { IdleTimeout = Duration("idle_timeout", text) } },
        ["hour_margin"] = (s, text) => s with { Teardown = s.Teardown with { HourMargin = Duration("hour_margin", text) } },
        ["billing"] = (s, text) => s with { Billing = BillingOf(text) },
        ["boot"] = (s, text) => s with { Boot = Duration("boot", text) },
    };

    /// <summary>The keys that can be set and swept.</summary>
    public static IEnumerable<string> Known => Keys.Keys.Select(key => key == LabelBudget ? $"{LabelBudget}.LABEL" : key);

    /// <summary>The settings with a key set.</summary>
    /// <param name="value">Its value as written.</param>
    /// <exception cref="CommandException">There is no such key, or the value does not fit.</exception>
    public static SimulationSettings With(SimulationSettings settings, string key, string value) =>
        Keys.TryGetValue(key, out var set) ? set(settings, value)
        : key.Split('.', 2) is [LabelBudget, { Length: > 0 } label]
            ? settings with { Waiting = WithBudget(settings.Waiting, label, Duration(key, value)) }
        : throw new CommandException(
            ExitCode.Usage,
            $"'{key}' cannot be swept; " +
            $"{(NearestName.Of(key, Keys.Keys) is { } near ? $"did you mean '{near}'?" : $"known: {string.Join(", ", Keys.Keys)}")}");

    /// <summary>How a cloud bills, as it is written on a command line.</summary>
    /// <param name="text"><c>hourly</c>, <c>hourly:15m</c> in steps of another length, <c>per-second</c>, or <c>per-second:60s</c> with a
    /// shortest time billed.</param>
    /// <exception cref="CommandException">It is none of them.</exception>
    public static BillingModel BillingOf(string text) => text.Split(':') switch
    {
        ["hourly"] => BillingModel.Hourly,
        ["hourly", var step] => BillingModel.Hourly.WithHour(Duration("billing", step)),
        ["per-second"] => BillingModel.PerSecond,
        ["per-second", var least] => BillingModel.PerSecondAtLeast(Duration("billing", least)),
        _ => throw Wrong("billing", text, "hourly, hourly:15m, per-second or per-second:60s"),
    };

    /// <summary>A duration as the configuration writes it.</summary>
    /// <param name="key">What it is for.</param>
    /// <exception cref="CommandException">It is none.</exception>
    public static TimeSpan Duration(string key, string text) => GoDuration.TryParse(text, out var value, out _) && value >= TimeSpan.Zero
        ? value
        : throw Wrong(key, text, "a duration such as 0s, 90s or 5m");

    /// <summary>Simulates.</summary>
    /// <param name="settings">What is not swept.</param>
    /// <param name="option">The option by which the sweeps were given.</param>
    /// <param name="sweeps">What is swept: <c>key=value,value</c>.</param>
    /// <exception cref="CommandException">A sweep is malformed, its settings contradict each other, or its jobs come to no end.</exception>
    public static async Task<IReadOnlyList<SweepPoint>> RunAsync(
        IReadOnlyList<SimulatedJob> jobs, SimulationSettings settings, string option, IReadOnlyList<string> sweeps,
        CancellationToken cancellationToken)
    {
        List<(string Name, SimulationSettings Settings)> points = [("", settings)];
        foreach (var sweep in sweeps)
        {
            if (sweep.Split('=', 2) is not [var key, var values] || values.Length == 0)
            {
                throw new CommandException(
                    ExitCode.Usage, $"{option} takes a key and values, such as wait_budget=0s,5m, and got '{sweep}'");
            }

            points = [.. points.SelectMany(p => values.Split(',', StringSplitOptions.TrimEntries).Select(value =>
                ($"{p.Name}{(p.Name.Length > 0 ? " " : "")}{key}={value}", With(p.Settings, key, value))))];
        }

        // Before any of them runs: some take minutes.
        foreach (var (name, point) in points)
        {
            if (point.Teardown.Problems(point.Billing).FirstOrDefault() is { } problem)
            {
                throw new CommandException(ExitCode.Usage, $"{(name.Length > 0 ? $"{name}: " : "")}{problem}");
            }
        }

        using var room = new SemaphoreSlim(Environment.ProcessorCount);
        return await Task.WhenAll(points.Select(async p =>
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Virtual time belongs to one thread, which a simulation keeps busy from its start to its end.
                var result = await Task.Factory.StartNew(
                    () => PoolSimulation.Run(jobs, p.Settings, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).ConfigureAwait(false);
                return new SweepPoint(p.Name, result, result.Cost());
            }
            catch (InvalidOperationException e)
            {
                throw new CommandException(ExitCode.Failure, $"{(p.Name.Length > 0 ? $"{p.Name}: " : "")}{e.Message}");
            }
            finally
            {
                room.Release();
            }
        })).ConfigureAwait(false);
    }

    private static WaitSettings WithBudget(WaitSettings waiting, string label, TimeSpan budget) =>
        waiting with { ByLabel = new Dictionary<string, TimeSpan>(waiting.ByLabel, StringComparer.Ordinal) { [label] = budget } };

    private static CommandException Wrong(string key, string text, string wanted) =>
        new(ExitCode.Usage, $"{key} is '{text}', and takes {wanted}");
}
