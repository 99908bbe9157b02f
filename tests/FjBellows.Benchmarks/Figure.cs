using System.Globalization;

namespace FjBellows.Benchmarks;

/// <summary>A row of the table in docs/performance.md: what was measured, and how busy the machine was meanwhile, for its worth depends on
/// that.</summary>
/// <param name="name">What is measured.</param>
internal sealed class Figure(string name)
{
    private readonly string _loadBefore = Load();

    /// <summary>Prints the table's head.</summary>
    public static int Header()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
            .Trim();
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores ({model ?? "unknown"}), {Environment.OSVersion}, .NET {Environment.Version}\n");
        Console.WriteLine("| Date | Load before, after | Figure | Goal | Measured | |");
        Console.WriteLine("|---|---|---|---|---|---|");
        return 0;
    }

    /// <summary>Prints the row.</summary>
    /// <param name="goal">What is wanted.</param>
    /// <param name="measured">What was found.</param>
    /// <param name="met">Whether the goal is met; null where there is none.</param>
    /// <returns>The exit code: 1 for a goal that is missed.</returns>
    public int Row(string goal, string measured, bool? met)
    {
        var word = met switch { true => "met", false => "**missed**", null => "" };
        Console.WriteLine($"| {DateTimeOffset.UtcNow:yyyy-MM-dd} | {_loadBefore}, {Load()} | {name} | {goal} | {measured} | {word} |");
        return met == false ? 1 : 0;
    }

    /// <summary>The value below which a share of the values lies.</summary>
    public static double At(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
    }

    /// <summary>A number as people read it.</summary>
    public static string N(double value, string format = "0.00") => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
