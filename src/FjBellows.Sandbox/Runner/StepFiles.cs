using System.Globalization;

namespace FjBellows.Sandbox.Runner;

/// <summary>The files by which a step speaks to those after it.</summary>
internal sealed class StepFiles
{
    private readonly string _env;
    private readonly string _output;
    private readonly string _paths;

    public StepFiles(string directory, int step)
    {
        var start = Path.Combine(directory, step.ToString(CultureInfo.InvariantCulture));
        (_env, _output, _paths) = (start + ".env", start + ".output", start + ".path");
    }

    public void AddTo(Dictionary<string, string> env)
    {
        foreach (var prefix in new[] { "GITHUB_", "FORGEJO_" })
        {
            env[prefix + "ENV"] = _env;
            env[prefix + "OUTPUT"] = _output;
            env[prefix + "PATH"] = _paths;
            env[prefix + "STEP_SUMMARY"] = "/dev/null";
        }
    }

    public List<KeyValuePair<string, string>> ReadEnv() => Pairs(Lines(_env));

    public List<KeyValuePair<string, string>> ReadOutputs() => Pairs(Lines(_output));

    public string[] ReadPaths() => Lines(_paths);

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    /// <summary><c>NAME=VALUE</c>, or <c>NAME&lt;&lt;END</c> with the value's lines and END after it.</summary>
    internal static List<KeyValuePair<string, string>> Pairs(string[] lines)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        for (var i = 0; i < lines.Length; i++)
        {
            var equals = lines[i].IndexOf('=', StringComparison.Ordinal);
            var heredoc = lines[i].IndexOf("<<", StringComparison.Ordinal);
            if (heredoc > 0 && (equals < 0 || heredoc < equals))
            {
                var end = lines[i][(heredoc + 2)..];
                var last = Array.IndexOf(lines, end, i + 1);
                if (last < 0)
                {
                    throw new FormatException($"'{lines[i]}' opens a value that '{end}' never ends");
                }

                pairs.Add(KeyValuePair.Create(lines[i][..heredoc], string.Join('\n', lines[(i + 1)..last])));
                i = last;
            }
            else if (equals > 0)
            {
                pairs.Add(KeyValuePair.Create(lines[i][..equals], lines[i][(equals + 1)..]));
            }
        }

        return pairs;
    }
}
