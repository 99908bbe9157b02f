using System.Globalization;
using System.Text.RegularExpressions;

namespace FjBellows.Forgejo;

/// <summary>A Forgejo release, as <c>GET /api/v1/version</c> tells it.</summary>
/// <param name="Major">The number that decides what the API can do.</param>
/// <param name="Minor">The minor number.</param>
/// <param name="Patch">The patch number.</param>
/// <param name="Text">The whole answer, such as <c>15.0.3+gitea-1.22.0</c>.</param>
public sealed partial record ForgejoVersion(int Major, int Minor, int Patch, string Text)
{
    /// <summary>The first major version with the runner API this client speaks.</summary>
    public const int RequiredMajor = 15;

    /// <summary>True when the version has the runner API.</summary>
    public bool IsSupported => Major >= RequiredMajor;

    /// <summary>Reads a version.</summary>
    /// <param name="text">As Forgejo writes it; builds and development suffixes are kept in <see cref="Text"/> only.</param>
    /// <exception cref="FormatException">It does not begin with a version number.</exception>
    public static ForgejoVersion Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Pattern().Match(text);
        return match.Success
            ? new ForgejoVersion(Number(match.Groups[1]), Number(match.Groups[2]), Number(match.Groups[3]), text)
            : throw new FormatException($"'{text}' is no version of Forgejo");

        static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    [GeneratedRegex(@"^v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
