using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FjBellows.Sandbox.Local;

/// <summary>The instances on disk: each a directory named by its id, <c>local-</c> and a digest of its name, with an <c>instance.json</c>
/// and a <c>home</c>. Nothing is kept in memory, so a restart forgets nothing.</summary>
internal sealed class LocalInstances(string directory)
{
    private const string RecordFile = "instance.json";

    /// <summary>The id of an instance of a name. It follows from the name, so two creates of one name meet in one directory.</summary>
    public static string IdOf(string name) =>
        "local-" + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 6));

    /// <summary>The directory in which an instance's commands run.</summary>
    public string HomeOf(string id) => Path.Combine(directory, id, "home");

    /// <summary>An instance's own directory.</summary>
    public string PlaceOf(string id) => Path.Combine(directory, id);

    /// <summary>Writes an instance unless there is one of the name; returns the one that is there afterwards.</summary>
    /// <param name="furnish">Puts into its directory what it is born with; null for nothing.</param>
    public LocalInstance Add(LocalInstance instance, Action<string>? furnish = null)
    {
        Directory.CreateDirectory(directory);
        var stage = Path.Combine(directory, $".{instance.Id}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(stage, "home"));
        furnish?.Invoke(stage);
        File.WriteAllText(Path.Combine(stage, RecordFile), JsonSerializer.Serialize(instance, LocalInstanceJson.Default.LocalInstance));
        try
        {
            // The whole directory appears at once: whoever sees it sees its record.
            Directory.Move(stage, Path.Combine(directory, instance.Id));
            return instance;
        }
        catch (IOException) when (Find(instance.Id) is { } there)
        {
            Directory.Delete(stage, recursive: true);
            return there;
        }
    }

    /// <summary>One instance; null when there is none.</summary>
    public LocalInstance? Find(string id)
    {
        if (id.Length == 0 || id != Path.GetFileName(id) || id[0] == '.')
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllText(Path.Combine(directory, id, RecordFile)), LocalInstanceJson.Default.LocalInstance);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All instances.</summary>
    public IReadOnlyList<LocalInstance> All() =>
        Directory.Exists(directory)
            ? [.. Directory.EnumerateDirectories(directory).Select(path => Find(Path.GetFileName(path))).OfType<LocalInstance>()]
            : [];

    /// <summary>Removes an instance's directory. The record goes first, by a rename: from then on the instance does not exist.</summary>
    public void Remove(string id)
    {
        var doomed = Path.Combine(directory, $".{id}-{Guid.NewGuid():N}");
        try
        {
            Directory.Move(Path.Combine(directory, id), doomed);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        foreach (var closed in new DirectoryInfo(doomed).EnumerateDirectories("*", Everything).Prepend(new DirectoryInfo(doomed)))
        {
            if (!OperatingSystem.IsWindows())
            {
                closed.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            }
        }

        Directory.Delete(doomed, recursive: true);
    }

    private static EnumerationOptions Everything { get; } =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
}

/// <summary>What is written of an instance.</summary>
internal sealed record LocalInstance(string Id, string Name, DateTimeOffset CreatedAt, IReadOnlyList<string> Tags);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LocalInstance))]
internal sealed partial class LocalInstanceJson : JsonSerializerContext;
