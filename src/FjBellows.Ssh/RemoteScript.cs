using System.Text;
using FjBellows.Dispatch;

namespace FjBellows.Ssh;

/// <summary>A shell script that travels to the worker: a file of this project.</summary>
internal static class RemoteScript
{
    /// <summary>The script's text.</summary>
    public static string Text(string file)
    {
        using var stream = typeof(RemoteScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"the assembly was built without {file}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The script with its arguments, as one command.</summary>
    public static string With(string file, params string[] arguments) =>
        $"set -- {string.Join(' ', arguments.Select(ShellQuoting.Quote))}\n{Text(file)}";
}
