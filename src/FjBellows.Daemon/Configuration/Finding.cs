using System.Text.Json.Serialization;

namespace FjBellows.Daemon.Configuration;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>In order.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works, and the operator should know.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The daemon refuses to start with it.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>Where something stands in a file; both numbers count from 1, and 0 means the file as a whole.</summary>
/// <param name="Line">The line.</param>
/// <param name="Column">The column.</param>
internal readonly record struct Mark(int Line, int Column)
{
    /// <summary>The file as a whole.</summary>
    public static Mark WholeFile => default;
}

/// <summary>One thing found in a configuration file.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="File">The file.</param>
/// <param name="Mark">Where in it.</param>
/// <param name="Key">The full name of the key concerned, such as <c>poll.interval</c>; empty where none is.</param>
/// <param name="Message">What is the matter. Never holds a secret.</param>
/// <param name="Fix">What to do.</param>
internal sealed record Finding(Severity Severity, string File, Mark Mark, string Key, string Message, string Fix)
{
    /// <summary>The place in the form that editors jump to: <c>file:line:column</c>.</summary>
    public string Place => Mark == Mark.WholeFile ? File : $"{File}:{Mark.Line}:{Mark.Column}";

    /// <inheritdoc />
    public override string ToString()
    {
        var level = Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "ok" };
        return Fix.Length == 0 ? $"{Place}: {level}: {Message}" : $"{Place}: {level}: {Message}\n    fix: {Fix}";
    }
}

/// <summary>Collects findings of one file, so that all of them are told at once.</summary>
/// <param name="file">The file, as findings name it.</param>
internal sealed class Findings(string file)
{
    private readonly List<Finding> _all = [];

    /// <summary>The file, as findings name it.</summary>
    public string File { get; } = file;

    /// <summary>Everything found, in the order of the file.</summary>
    public IReadOnlyList<Finding> All => [.. _all.OrderBy(f => f.Mark.Line).ThenBy(f => f.Mark.Column)];

    /// <summary>How many errors there are.</summary>
    public int Errors => _all.Count(f => f.Severity == Severity.Error);

    /// <summary>Adds an error.</summary>
    public void Error(Mark mark, string key, string message, string fix) => Add(new Finding(Severity.Error, File, mark, key, message, fix));

    /// <summary>Adds a warning.</summary>
    public void Warn(Mark mark, string key, string message, string fix) => Add(new Finding(Severity.Warning, File, mark, key, message, fix));

    // A part of the file that several pools share is read once for each of them.
    private void Add(Finding finding)
    {
        if (!_all.Contains(finding))
        {
            _all.Add(finding);
        }
    }
}
