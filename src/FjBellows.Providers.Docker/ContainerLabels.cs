namespace FjBellows.Providers.Docker;

/// <summary>The labels by which a container is known as a worker (invariant O1).</summary>
internal static class ContainerLabels
{
    /// <summary>What every label of ours begins with.</summary>
    public const string Prefix = "fj-bellows.";

    /// <summary>The deployment's tag.</summary>
    public const string Tag = Prefix + "tag";

    /// <summary>The owner identity.</summary>
    public const string Owner = Prefix + "owner";

    /// <summary>The worker's name, which stays when the container is renamed.</summary>
    public const string Worker = Prefix + "worker";

    /// <summary>The container of a check.</summary>
    public const string Check = Prefix + "check";

    /// <summary>A worker's labels.</summary>
    /// <param name="ownership">Whose it is.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(string name, Ownership ownership) =>
        [new(Tag, ownership.Tag), new(Owner, ownership.Owner), new(Worker, name)];

    /// <summary>The ownership marks among a container's labels.</summary>
    /// <param name="labels">The labels; null where there are none.</param>
    public static IReadOnlyList<string> TagsOf(IDictionary<string, string>? labels) =>
        [.. new[] { Tag, Owner }.Select(key => Value(labels, key)).OfType<string>()];

    /// <summary>The worker that a container is; null for a container of somebody else.</summary>
    public static string? WorkerOf(IDictionary<string, string>? labels) => Value(labels, Worker);

    private static string? Value(IDictionary<string, string>? labels, string key) =>
        labels is not null && labels.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
}
