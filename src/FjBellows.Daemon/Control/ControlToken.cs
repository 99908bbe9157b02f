using System.Text;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Control;

/// <summary>The token of the control plane, as a file holds it: one word that can stand in a header. The daemon and its clients read it
/// alike.</summary>
internal static class ControlToken
{
    private const int LargestFile = 64 * 1024;

    /// <summary>Reads a token's file.</summary>
    /// <returns>The token, or what is wrong with the file.</returns>
    public static (Secret? Token, Problem? Problem) Read(string file)
    {
        string text;
        try
        {
            text = Encoding.UTF8.GetString(RegularFile.Read(file, LargestFile)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new(
                $"the token file {file} cannot be read: {e.Message}", $"make it with: (umask 077; openssl rand -hex 32 > {file})"));
        }

        return text.Length == 0 ? (null, new($"the token file {file} is empty", Make(file)))
            : text.All(c => c is > ' ' and <= '~') ? (new Secret(text), null)
            : (null, new($"the token in {file} is not one word of printable ASCII characters: it cannot be sent in a header", Make(file)));
    }

    /// <summary>How a token is made.</summary>
    /// <param name="file">Where it goes.</param>
    public static string Make(string file) => $"make one with: (umask 077; openssl rand -hex 32 > {file})";
}
