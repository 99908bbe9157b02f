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
internal readonly record struct Mark(int Line, int Column)
{
    /// <summary>The file as a whole.</summary>
    public static Mark WholeFile => default;
}

/// <summary>One thing found in a configuration file.</summary>
/// <param name="Severity">How bad it is.</param>
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

/// <summary>Collects findings of one file, so that all of them are reported at once; more than <see cref="Most"/> are not, since no one
/// reads them. A value that a reference stands for is never repeated: it may be a secret.</summary>
/// <param name="file">The file, as findings name it.</param>
internal sealed class Findings(string file)
{
    /// <summary>The most findings that are kept.</summary>
    public const int Most = 100;

    // Shorter ones are ordinary words, and no secrets.
    private const int LeastHidden = 5;
    private static readonly char[] Separators = ['/', ':', ',', '@', '?', '&', '=', ' '];

    private readonly List<Finding> _all = [];
    private readonly HashSet<Finding> _known = [];
    private readonly Dictionary<string, string> _hidden = new(StringComparer.Ordinal);

    /// <summary>The file, as findings name it.</summary>
    public string File { get; } = file;

    /// <summary>Everything found, in the order of the file.</summary>
    public IReadOnlyList<Finding> All => [.. _all.OrderBy(f => f.Mark.Line).ThenBy(f => f.Mark.Column)];

    /// <summary>How many errors there are.</summary>
    public int Errors { get; private set; }

    /// <summary>True when no further finding is kept: looking for more is of no use.</summary>
    public bool IsFull => _all.Count >= Most;

    /// <summary>Adds an error.</summary>
    public void Error(Mark mark, string key, string message, string fix) =>
        Add(new Finding(Severity.Error, File, mark, Shown(key), Shown(message), Shown(fix)));

    /// <summary>Adds a warning.</summary>
    public void Warn(Mark mark, string key, string message, string fix) =>
        Add(new Finding(Severity.Warning, File, mark, Shown(key), Shown(message), Shown(fix)));

    /// <summary>Keeps a value out of everything that is found from now on.</summary>
    /// <param name="reference">What is shown instead.</param>
    public void Hide(string value, string reference)
    {
        foreach (var part in value.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Append(value)
            .Where(part => part.Length >= LeastHidden))
        {
            _hidden[part] = reference;
        }
    }

    private string Shown(string text)
    {
        foreach (var (value, reference) in _hidden.OrderByDescending(h => h.Key.Length))
        {
            text = text.Replace(value, reference, StringComparison.Ordinal);
        }

        return text;
    }

    // A part of the file that several pools share is read once for each of them.
    private void Add(Finding finding)
    {
        if (finding.Severity == Severity.Error)
        {
            Errors += _known.Count >= Most || !_known.Contains(finding) ? 1 : 0;
        }

        if (IsFull || !_known.Add(finding))
        {
            return;
        }

        _all.Add(finding);
        if (IsFull)
        {
            _all[^1] = new Finding(
                Severity.Error, File, finding.Mark, "",
                $"there are {Most} findings up to here, and the rest of the file was not looked at", "correct these first");
            Errors += finding.Severity == Severity.Error ? 0 : 1;
        }
    }
}
