using System.Text;

namespace FjBellows.Tests.House;

/// <summary>A piece of text between the quotes of a C# file; what an interpolation holds is code and not part of it.</summary>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Text">As it is written.</param>
public sealed record SourceText(int Line, string Text)
{
    /// <summary>Every piece of text of a C# file, in order of its end.</summary>
    /// <param name="code">The file's content.</param>
    public static IReadOnlyList<SourceText> Of(string code)
    {
        var reader = new Reader(code);
        reader.Code(end: '\0');
        return reader.Found;
    }

    private sealed class Reader(string code)
    {
        private int _at;
        private int _line = 1;

        public List<SourceText> Found { get; } = [];

        /// <summary>Reads code up to a character outside all brackets and texts, or to the end of the file.</summary>
        public void Code(char end)
        {
            var depth = 0;
            while (_at < code.Length)
            {
                if (At("//"))
                {
                    SkipTo("\n");
                }
                else if (At("/*"))
                {
                    SkipTo("*/");
                }
                else if (code[_at] == '\'')
                {
                    Skip(code[_at + 1] == '\\' ? 3 : 2);
                    SkipTo("'");
                }
                else if (code[_at] is '"' or '$' or '@' && Opening() is { } text)
                {
                    Text(text);
                }
                else
                {
                    var c = code[_at];
                    if (c == end && depth == 0)
                    {
                        return;
                    }

                    depth += c is '{' or '(' or '[' ? 1 : c is '}' or ')' or ']' ? -1 : 0;
                    Skip(1);
                }
            }
        }

        /// <summary>What begins here, where it is a text: how many holes' braces, whether verbatim, how many quotes.</summary>
        private (int Braces, bool Verbatim, int Quotes)? Opening()
        {
            var at = _at;
            var (braces, verbatim) = (0, false);
            while (at < code.Length && code[at] is '$' or '@')
            {
                braces += code[at] == '$' ? 1 : 0;
                verbatim |= code[at++] == '@';
            }

            var quotes = 0;
            while (at + quotes < code.Length && code[at + quotes] == '"')
            {
                quotes++;
            }

            if (quotes == 0)
            {
                return null;
            }

            quotes = quotes >= 3 && !verbatim ? quotes : 1;
            Skip(at + quotes - _at);
            return (braces, verbatim, quotes);
        }

        private void Text((int Braces, bool Verbatim, int Quotes) opening)
        {
            var (braces, verbatim, quotes) = opening;
            var closing = new string('"', quotes);
            var hole = braces == 0 ? null : new string('{', braces);
            var (text, line) = (new StringBuilder(), _line);
            while (!At(closing) || (verbatim && At("\"\"")))
            {
                if (hole is not null && At(hole) && !(braces == 1 && At("{{")))
                {
                    Skip(braces);
                    Code(end: '}');
                    Skip(braces);
                    text.Append("{}");
                    continue;
                }

                var taken = (quotes == 1 && !verbatim && code[_at] == '\\') || (verbatim && At("\"\""))
                    || (braces == 1 && At("{{")) ? 2 : 1;
                text.Append(code, _at, taken);
                Skip(taken);
            }

            Skip(quotes);
            Found.Add(new SourceText(line, text.ToString()));
        }

        private bool At(string what) => string.CompareOrdinal(code, _at, what, 0, what.Length) == 0;

        private void SkipTo(string what)
        {
            var end = code.IndexOf(what, _at, StringComparison.Ordinal);
            Skip((end < 0 ? code.Length : end + what.Length) - _at);
        }

        private void Skip(int count)
        {
            _line += code.AsSpan(_at, count).Count('\n');
            _at += count;
        }
    }
}
