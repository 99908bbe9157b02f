namespace FjBellows.Daemon.Configuration;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class NearestName
{
    /// <summary>The known name that is fewest edits away, if it is near enough to be meant; null otherwise.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">What could have been.</param>
    public static string? Of(string written, IEnumerable<string> known)
    {
        var allowed = Math.Max(1, Math.Min(written.Length, 20) / 3);
        return known
            .Select(name => (Name: name, Distance: Distance(Folded(written), Folded(name))))
            .Where(c => c.Distance <= allowed)
            .OrderBy(c => c.Distance)
            .ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name)
            .FirstOrDefault();
    }

    /// <summary>The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other.</summary>
    /// <param name="a">One text.</param>
    /// <param name="b">The other.</param>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }

    // Case, hyphens and underscores are what people mix up most; they cost nothing. A name of any length costs a bounded time.
    private static string Folded(string name) =>
        (name.Length > 64 ? name[..64] : name).Replace('-', '_').ToLowerInvariant();
}
