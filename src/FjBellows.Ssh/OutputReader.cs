using System.Text;

namespace FjBellows.Ssh;

/// <summary>Empties a remote stream: what no one reads is kept in memory without limit by SSH.NET.</summary>
internal static class OutputReader
{
    /// <summary>What is kept of one stream of one command.</summary>
    public const int Limit = 1 << 20;

    /// <summary>Lines longer than this are handed over in pieces.</summary>
    private const int LongestLine = 64 * 1024;

    /// <summary>What one command may write to one stream. Nothing that is asked of a worker is a hundredth of it, so more is an attack on
    /// this process's time and network (invariant S11).</summary>
    public const long Budget = 64L << 20;

    /// <summary>Reads to the end; keeps the first <see cref="Limit"/> bytes.</summary>
    /// <exception cref="OutputBudgetException">More than <see cref="Budget"/> bytes came.</exception>
    public static Task<string> ReadAsync(Stream stream) => DedicatedThread.Run(() =>
    {
        var kept = new MemoryStream();
        var buffer = new byte[8192];
        var total = 0L;
        int count;
        while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(count, Limit - kept.Length));
            total += count;
            if (total > Budget)
            {
                throw new OutputBudgetException($"a command wrote more than {Budget >> 20} MiB");
            }
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    });

    /// <summary>Reads to the end and hands over line by line, without newlines.</summary>
    public static Task ReadLinesAsync(Stream stream, Action<string> line) => DedicatedThread.Run(() =>
    {
        var buffer = new byte[8192];
        var text = new char[8192];
        var decoder = Encoding.UTF8.GetDecoder();
        var pending = new StringBuilder();
        int count;
        while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
        {
            var characters = decoder.GetChars(buffer, 0, count, text, 0);
            Split(text.AsSpan(0, characters), pending, line);
        }

        if (pending.Length > 0)
        {
            line(pending.ToString());
        }
    });

    private static void Split(ReadOnlySpan<char> text, StringBuilder pending, Action<string> line)
    {
        while (!text.IsEmpty)
        {
            var newline = text.IndexOf('\n');
            pending.Append(newline < 0 ? text : text[..newline]);
            text = newline < 0 ? [] : text[(newline + 1)..];
            if (newline >= 0 || pending.Length >= LongestLine)
            {
                line(pending.ToString());
                pending.Clear();
            }
        }
    }
}
