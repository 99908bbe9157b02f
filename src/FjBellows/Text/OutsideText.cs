using System.Globalization;

namespace FjBellows;

/// <summary>
/// Cleans text that others wrote: names of jobs and labels, runner output, answers of Forgejo and of clouds, what a caller of the control
/// plane sends. Such text may hold line breaks that forge a log line, escape sequences that drive a terminal, characters that turn the
/// reading direction, NUL, half of a surrogate pair, or a megabyte of anything. Text is cleaned where it enters, and again where it is
/// shown.
/// </summary>
internal static class OutsideText
{
    /// <summary>The most characters of a name: a job, a repository, a label, a caller.</summary>
    public const int NameLimit = 255;

    /// <summary>The most characters of one notice.</summary>
    public const int NoticeLimit = 2 * 1024;

    /// <summary>The most characters of a message or of a line of output.</summary>
    public const int MessageLimit = 4 * 1024;

    private const char Replacement = '\uFFFD';
    private const char Ellipsis = '…';

    /// <summary>Text for one line: line breaks and tabs become spaces.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">The most UTF-16 characters of the result, at least 1; a text that is cut ends in an ellipsis.</param>
    /// <returns>The text itself where nothing had to be done.</returns>
    public static string Clean(string text, int limit) => Clean(text, limit, keepLines: false);

    /// <summary>Text that may have several lines: line feeds and tabs stay, a carriage return before a line feed goes.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">The most UTF-16 characters of the result, at least 1; a text that is cut ends in an ellipsis.</param>
    /// <returns>The text itself where nothing had to be done.</returns>
    public static string CleanLines(string text, int limit) => Clean(text, limit, keepLines: true);

    private static string Clean(string text, int limit, bool keepLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (text.Length <= limit && IsClean(text, keepLines))
        {
            return text;
        }

        var cut = text.Length > limit;
        var room = cut ? limit - 1 : text.Length;
        if (cut && room > 0 && char.IsSurrogatePair(text[room - 1], text[room]))
        {
            room--;
        }

        var result = new char[room + (cut ? 1 : 0)];
        var length = 0;
        for (var i = 0; i < room; i++)
        {
            if (keepLines && text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                continue;
            }

            if (IsPairAt(text, i))
            {
                result[length++] = text[i++];
                result[length++] = text[i];
                continue;
            }

            result[length++] = Shown(text[i], keepLines);
        }

        if (cut)
        {
            result[length++] = Ellipsis;
        }

        return new string(result, 0, length);
    }

    private static bool IsClean(string text, bool keepLines)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsPairAt(text, i))
            {
                i++;
            }
            else if (Shown(text[i], keepLines) != text[i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPairAt(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);

    private static char Shown(char c, bool keepLines) => c switch
    {
        '\n' or '\t' => keepLines ? c : ' ',
        '\r' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029' => ' ',
        _ when char.IsControl(c) || char.IsSurrogate(c) || IsDirection(c) => Replacement,
        _ => c,
    };

    /// <summary>Characters that change the reading direction, or that no one sees: https://trojansource.codes</summary>
    private static bool IsDirection(char c) =>
        c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF'
        || (c is >= '\u2060' and <= '\u206F' && char.GetUnicodeCategory(c) == UnicodeCategory.Format);
}
