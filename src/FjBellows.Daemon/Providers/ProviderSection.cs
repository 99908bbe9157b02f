using FjBellows.Daemon.Configuration;
using FjBellows.Providers.Rest;

namespace FjBellows.Daemon.Providers;

/// <summary>What the modules of cloud providers read alike from a <c>provider_config</c>.</summary>
internal static class ProviderSection
{
    /// <summary>Reports a problem that a provider found in its settings. It names a path; the nearest key of the group that leads there has
    /// the place.</summary>
    /// <param name="section">The group.</param>
    /// <param name="keys">The group's keys.</param>
    public static void Tell(this ConfigSection section, IReadOnlyList<ConfigKey> keys, SettingProblem problem)
    {
        var name = problem.Key.Split('.', '[')[0];
        var key = keys.FirstOrDefault(k => k.Name == name) ?? keys[0];
        var (what, fix) = problem.Message.Split("; ", 2) is [var first, var rest] ? (first, rest) : (problem.Message, key.Doc);
        section.Findings.Error(section.MarkOf(key), $"{section.Path}.{problem.Key}", $"{section.Path}.{problem.Key} {what}", fix);
    }

    /// <summary>A list of web addresses; what is none is reported.</summary>
    /// <param name="section">The group.</param>
    public static IReadOnlyList<Uri> Urls(this ConfigSection section, ConfigKey<IReadOnlyList<PlacedText>> key)
    {
        var urls = new List<Uri>();
        foreach (var text in section.Get(key) ?? [])
        {
            if (Uri.TryCreate(text.Text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                urls.Add(url);
            }
            else
            {
                section.Findings.Error(
                    text.Mark, section.FullName(key), $"'{text.Text}' is not a URL",
                    "write it with its scheme, such as https://api.ipify.org");
            }
        }

        return urls;
    }

    /// <summary>A list of texts without white space around them.</summary>
    /// <param name="section">The group.</param>
    public static string[] Texts(this ConfigSection section, ConfigKey<IReadOnlyList<PlacedText>> key) =>
        [.. (section.Get(key) ?? []).Select(t => t.Text.Trim())];

    /// <summary>A number that may be missing.</summary>
    /// <param name="section">The group.</param>
    public static int? Number(this ConfigSection section, ConfigKey<int> key) => section.Has(key) ? section.Get(key) : null;
}
