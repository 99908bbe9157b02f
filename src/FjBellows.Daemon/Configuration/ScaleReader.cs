using Cronos;
using FjBellows.Jobs;
using FjBellows.Pool;

namespace FjBellows.Daemon.Configuration;

/// <summary>Reads <c>scale</c>: how large a pool may grow, how long its jobs may wait, and what is kept ready.</summary>
/// <param name="section">The group.</param>
/// <param name="findings">Takes what is wrong.</param>
/// <param name="labels">The pool's labels; null where they could not be read.</param>
/// <param name="ownLabels">False where several pools share the group, so that a label may be another pool's.</param>
internal sealed class ScaleReader(ConfigSection section, Findings findings, LabelSet? labels, bool ownLabels)
{
    /// <summary>Reads it.</summary>
    public ReadScale Read()
    {
        var waiting = new WaitSettings
        {
            Budget = section.Get(ConfigKeys.Scale.WaitBudget),
            ByLabel = ReadBudgets(),
            ExpectedDuration = section.Get(ConfigKeys.Scale.ExpectedDuration),
        };
        var idle = section.Get(ConfigKeys.Scale.MinIdle);
        var windows = section.Sections(ConfigKeys.Scale.Schedule).Select(s => ReadWindow(s, idle)).OfType<ReserveWindow>().ToArray();
        IReserveSchedule? reserve = section.Has(ConfigKeys.Scale.Schedule) ? (windows.Length > 0 ? new ReserveWindows(windows) : null)
            : idle > 0 ? new ConstantReserve(idle)
            : null;
        var max = section.Get(ConfigKeys.Scale.Max);
        var most = Math.Max(section.Has(ConfigKeys.Scale.Schedule) ? 0 : idle, windows.Select(w => w.Count).DefaultIfEmpty().Max());
        if (most > max && findings.Errors == 0)
        {
            section.Error(
                ConfigKeys.Scale.MinIdle,
                $"{section.FullName(ConfigKeys.Scale.MinIdle)} asks for {most} idle workers, but " +
                $"{section.FullName(ConfigKeys.Scale.Max)} allows only {max}", "raise max, or keep fewer idle");
        }

        return new ReadScale(max, waiting, reserve);
    }

    private Dictionary<string, TimeSpan> ReadBudgets()
    {
        var budgets = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        var key = ConfigKeys.Scale.WaitBudgets;
        switch (section.Node(key))
        {
            case null:
                break;
            case ConfigMap map:
                foreach (var entry in map.Entries)
                {
                    var name = $"{section.FullName(key)}.{entry.Key}";
                    budgets[entry.Key] = ConfigTypes.DurationOrZero.Read(entry.Value, new ValueContext(name, findings, section.Sources));
                    if (ownLabels && labels is not null && labels.Labels.All(l => l.Name != entry.Key))
                    {
                        var known = labels.Labels.Select(l => l.Name).Distinct(StringComparer.Ordinal).ToArray();
                        findings.Error(entry.KeyMark, name, $"'{entry.Key}' is not a label of this pool, so no job has this budget",
                            NearestName.Of(entry.Key, known) is { } near
                                ? $"did you mean '{near}'?"
                                : $"write a bare label name: {string.Join(", ", known)}");
                    }
                }

                break;
            case { } node:
                section.Error(
                    key, $"{section.FullName(key)} expected a mapping from labels to durations, found {node.Kind}",
                    "write 'label: duration' on lines below it, such as 'nightly: 20m'");
                break;
        }

        return budgets;
    }

    private static ReserveWindow? ReadWindow(ConfigSection window, int idle)
    {
        var cron = window.Get(ConfigKeys.Scale.Cron);
        var lasts = window.Get(ConfigKeys.Scale.Lasts);
        var zone = window.Get(ConfigKeys.Scale.TimeZone);
        var count = window.Has(ConfigKeys.Scale.WindowMinIdle) ? window.Get(ConfigKeys.Scale.WindowMinIdle) : idle;
        if (cron is null || zone is null)
        {
            return null;
        }

        if (!CronExpression.TryParse(cron, out var expression))
        {
            window.Error(
                ConfigKeys.Scale.Cron, $"{window.FullName(ConfigKeys.Scale.Cron)} is not a cron expression: '{cron}'",
                "write five fields, such as '0 8 * * 1-5' for eight o'clock from Monday to Friday");
            return null;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
        {
            window.Error(
                ConfigKeys.Scale.TimeZone, $"{window.FullName(ConfigKeys.Scale.TimeZone)}: unknown time zone '{zone}'",
                "write a name such as Europe/Berlin or UTC, and make sure that the package tzdata is installed");
            return null;
        }

        if (count == 0)
        {
            window.Warn(
                ConfigKeys.Scale.WindowMinIdle, $"{window.Path} keeps no workers: neither it nor scale.min_idle sets a number",
                "write min_idle in the window");
        }

        return lasts > TimeSpan.Zero ? new ReserveWindow(expression, cron, lasts, found, count) : null;
    }
}

/// <summary>What <c>scale</c> says.</summary>
/// <param name="Max">The most workers.</param>
/// <param name="Waiting">How long jobs may wait.</param>
/// <param name="Reserve">What is kept ready; null for nothing.</param>
internal sealed record ReadScale(int Max, WaitSettings Waiting, IReserveSchedule? Reserve);
