using System.Text;

namespace FjBellows.Providers.Docker;

/// <summary>Cuts an output into lines as it comes; the rest of an overlong line is dropped.</summary>
internal sealed class LineOutput(Action<string> line)
{
    private const int LongestLine = 64 * 1024;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _text = new();
    private char[] _chars = [];

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">They; a character may be divided between two calls.</param>
    public void Take(ReadOnlySpan<byte> bytes) => Take(bytes, flush: false);

    /// <summary>Hands over what has no newline at its end.</summary>
    public void End()
    {
        Take([], flush: true);
        if (_text.Length > 0)
        {
            line(_text.ToString());
            _text.Clear();
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, bool flush)
    {
        var most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_chars.Length < most)
        {
            _chars = new char[most];
        }

        var count = _decoder.GetChars(bytes, _chars, flush);
        foreach (var c in _chars.AsSpan(0, count))
        {
            if (c == '\n')
            {
                line(_text.ToString());
                _text.Clear();
            }
            else if (_text.Length < LongestLine)
            {
                _text.Append(c);
            }
        }
    }
}
