using System.Text;

namespace FjBellows.Dispatch;

/// <summary>Turns values into words of a POSIX shell command, so that any text arrives as the same argument (invariant S5).</summary>
public static class ShellQuoting
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One word.</summary>
    /// <param name="value">Any text; it travels as UTF-8.</param>
    /// <returns>The value in single quotes.</returns>
    /// <exception cref="FormatException">The value holds a NUL, which no argument can, or half of a surrogate pair, which UTF-8 has no form
    /// for.</exception>
    public static string Quote(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var nul = value.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
        {
            throw new FormatException(
                $"a value for the worker's command line holds a NUL character (position {nul}); no program can be given one");
        }

        try
        {
            _ = Strict.GetByteCount(value);
        }
        catch (EncoderFallbackException e)
        {
            throw new FormatException(
                $"a value for the worker's command line is not valid Unicode (position {e.Index}) and cannot be sent as UTF-8", e);
        }

        // Inside single quotes everything is literal but the quote itself: close, escape, open again.
        return "'" + value.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
    }

    /// <summary>Several words, separated by blanks.</summary>
    /// <param name="values">Any texts.</param>
    /// <exception cref="FormatException">One of them cannot be sent; see <see cref="Quote"/>.</exception>
    public static string Join(IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return string.Join(' ', values.Select(Quote));
    }
}
