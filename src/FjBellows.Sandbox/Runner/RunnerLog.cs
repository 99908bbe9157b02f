using System.Globalization;
using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>The runner's own log lines, shaped as forgejo-runner's are when no one watches.</summary>
internal sealed class RunnerLog(TextWriter output, TimeProvider clock)
{
    public void Info(string message) => Write("info", message);

    public void Warn(string message) => Write("warning", message);

    public void Error(string message, string? cause = null) => Write("error", message, cause);

    /// <summary>The closing line of a command that failed.</summary>
    public void Fatal(string message) => output.WriteLine("Error: " + message);

    private void Write(string level, string message, string? cause = null)
    {
        var time = clock.GetLocalNow().ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        output.WriteLine($"time=\"{time}\" level={level} msg={Quote(message)}{(cause is null ? "" : " error=" + Quote(cause))}");
    }

    private static string Quote(string message)
    {
        var text = new StringBuilder("\"");
        foreach (var c in message)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
