using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Commands;

/// <summary>One thing that <c>fj-bellows check</c> looked at.</summary>
/// <param name="Level">How it stands.</param>
/// <param name="Subject">What was looked at: <c>config</c>, <c>ssh key</c>, <c>forgejo</c>.</param>
/// <param name="Message">What was found.</param>
/// <param name="Fix">What to do; empty where nothing needs to be done.</param>
/// <param name="Place">Where it stands in the configuration, null where it does not.</param>
internal sealed record CheckLine(Severity Level, string Subject, string Message, string Fix = "", string? Place = null);

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

/// <summary>The report as JSON.</summary>
/// <param name="Errors">How many errors.</param>
/// <param name="Warnings">How many warnings.</param>
/// <param name="Findings">What was found.</param>
internal sealed record CheckJson(int Errors, int Warnings, IReadOnlyList<CheckLine> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CheckJson))]
internal sealed partial class CheckJsonContext : JsonSerializerContext;
