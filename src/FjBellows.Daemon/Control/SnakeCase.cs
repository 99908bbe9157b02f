using System.Text.Json;

namespace FjBellows.Daemon.Control;

/// <summary>Words of enumerations as the control plane writes them: snake_case.</summary>
internal static class SnakeCase
{
    /// <summary>A value's word.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>All words.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    /// <summary>The value of a word.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <returns>The value; null when there is no such word.</returns>
    public static T? Find<T>(string word)
        where T : struct, Enum => Enum.GetValues<T>().Where(v => Of(v) == word).Select(v => (T?)v).FirstOrDefault();
}
