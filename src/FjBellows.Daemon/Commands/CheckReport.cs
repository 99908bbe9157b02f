using System.Text;
using System.Text.Json;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Commands;

/// <summary>Everything that <c>fj-bellows check</c> found.</summary>
/// <param name="Lines">The findings in the order in which things were looked at.</param>
internal sealed record CheckReport(IReadOnlyList<CheckLine> Lines)
{
    /// <summary>The subject of what stands in the configuration itself.</summary>
    public const string ConfigSubject = "config";

    /// <summary>The subject of what the command line says about the control plane.</summary>
    public const string ControlSubject = "control";

    /// <summary>0: fine; 1: something outside the configuration is not; 2: the configuration is wrong.</summary>
    public ExitCode ExitCode =>
        Lines.Any(l => l is { Level: Severity.Error, Subject: ConfigSubject or ControlSubject }) ? ExitCode.Usage
        : Lines.Any(l => l.Level == Severity.Error) ? ExitCode.Failure
        : ExitCode.Ok;

    /// <summary>The report for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var width = Lines.Select(l => l.Subject.Length).DefaultIfEmpty().Max();
        foreach (var line in Lines)
        {
            var level = line.Level switch { Severity.Error => "error", Severity.Warning => "warn ", _ => "ok   " };
            text.Append($"{level}  {line.Subject.PadRight(width)}  {(line.Place is { } place ? $"{place}: " : "")}{line.Message}\n");
            if (line.Fix.Length > 0)
            {
                text.Append($"       {"".PadRight(width)}  fix: {line.Fix}\n");
            }
        }

        var errors = Lines.Count(l => l.Level == Severity.Error);
        var warnings = Lines.Count(l => l.Level == Severity.Warning);
        return text.Append($"{errors} {(errors == 1 ? "error" : "errors")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}\n")
            .ToString();
    }

    /// <summary>The report for machines:
    /// <c>{"errors":0,"warnings":1,"findings":[{"level","subject","message","fix","place"}]}</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new CheckJson(Lines.Count(l => l.Level == Severity.Error), Lines.Count(l => l.Level == Severity.Warning), Lines),
        CheckJsonContext.Default.CheckJson) + "\n";
}
