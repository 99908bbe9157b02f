using System.Text;

namespace FjBellows.Daemon.Configuration;

/// <summary>Where references in a configuration are looked up.</summary>
/// <param name="Variable">An environment variable's value, null when it is not set.</param>
/// <param name="ReadFile">A small file's bytes; throws as <see cref="RegularFile.Read"/> does.</param>
/// <param name="Directory">The directory of the configuration file: relative paths start there.</param>
internal sealed record ConfigSources(Func<string, string?> Variable, Func<string, byte[]> ReadFile, string Directory)
{
    private const int MaxSecretBytes = 64 * 1024;

    /// <summary>The process's environment and the file system.</summary>
    /// <param name="configFile">The configuration file.</param>
    public static ConfigSources OfProcess(string configFile) => new(
        Environment.GetEnvironmentVariable,
        path => RegularFile.Read(path, MaxSecretBytes),
        Path.GetDirectoryName(Path.GetFullPath(configFile)) ?? "/");

    /// <summary>Replaces <c>${NAME}</c> by the environment variable and <c>$${</c> by a literal <c>${</c>.</summary>
    /// <param name="text">The text as written.</param>
    /// <param name="value">The text with its references resolved.</param>
    /// <param name="resolved">Gets each value that was found, and the reference to it.</param>
    /// <returns>What is wrong and what to do, null when nothing is.</returns>
    public Problem? Expand(string text, out string value, Action<string, string>? resolved = null)
    {
        value = text;
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return null;
        }

        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith("$${"))
            {
                result.Append("${");
                at += 3;
            }
            else if (rest.StartsWith("${"))
            {
                var end = rest.IndexOf('}');
                var name = end < 0 ? "" : rest[2..end].ToString();
                if (!IsVariableName(name))
                {
                    return new(
                        "'${' starts a reference to an environment variable, but no name in braces follows",
                        "write '${NAME}', or '$${' for the two characters themselves");
                }

                if (Variable(name) is not { } found)
                {
                    return new(
                        $"the environment variable {name} is not set",
                        $"set {name} for the daemon (in a systemd unit: Environment= or EnvironmentFile=), or write '$${{' for the two " +
                        $"characters themselves");
                }

                resolved?.Invoke(found, $"${{{name}}}");
                result.Append(found);
                at += end + 1;
            }
            else
            {
                result.Append(text[at++]);
            }
        }

        value = result.ToString();
        return null;
    }

    /// <summary>Reads what a <c>file:</c> reference names. Line breaks at its end do not belong to it.</summary>
    /// <param name="path">The path, its variables resolved; relative to the configuration's directory.</param>
    /// <param name="value">The content.</param>
    /// <returns>What is wrong and what to do, null when nothing is.</returns>
    public Problem? ReadSecret(string path, out string value)
    {
        value = "";
        if (path.Length == 0)
        {
            return new("'file:' is not followed by a path", "write the path of a file after it");
        }

        const string Credentials = "$CREDENTIALS_DIRECTORY/";
        if (path.StartsWith(Credentials, StringComparison.Ordinal))
        {
            if (Variable("CREDENTIALS_DIRECTORY") is not { Length: > 0 } directory)
            {
                return new(
                    "$CREDENTIALS_DIRECTORY is not set: the program was not started by systemd with a credential",
                    "add LoadCredential= to the unit; by hand, name the directory of the file, as in " +
                    "CREDENTIALS_DIRECTORY=/etc/fj-bellows fj-bellows check; or write the file's path");
            }

            path = Path.Combine(directory, path[Credentials.Length..]);
        }

        path = Path.Combine(Directory, path);
        try
        {
            value = new UTF8Encoding(false, true).GetString(ReadFile(path)).TrimEnd('\r', '\n');
            return value.Length == 0 ? new($"the file {path} is empty", "put the secret into it") : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            var reason = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                UnauthorizedAccessException => "is not readable by this user",
                DecoderFallbackException => "is not UTF-8 text",
                _ => $"cannot be read: {e.Message}",
            };
            return new($"the file {path} {reason}", "correct the path after 'file:', or the file's owner and mode");
        }
    }

    private static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}

/// <summary>What is wrong with a value.</summary>
/// <param name="Message">The matter, as a sentence.</param>
/// <param name="Fix">What to do.</param>
internal sealed record Problem(string Message, string Fix);
