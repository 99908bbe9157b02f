namespace FjBellows.Daemon.Configuration;

/// <summary>A list.</summary>
/// <param name="Mark">Where it begins.</param>
internal sealed record ConfigList(Mark Mark, IReadOnlyList<ConfigNode> Items) : ConfigNode(Mark)
{
    /// <inheritdoc />
    public override string Kind => "a list";
}
