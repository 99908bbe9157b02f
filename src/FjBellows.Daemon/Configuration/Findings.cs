namespace FjBellows.Daemon.Configuration;

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
