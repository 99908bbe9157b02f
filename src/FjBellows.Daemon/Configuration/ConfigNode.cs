namespace FjBellows.Daemon.Configuration;

/// <summary>A part of a YAML file, with its place.</summary>
/// <param name="Mark">Where it begins.</param>
internal abstract record ConfigNode(Mark Mark)
{
    /// <summary>What it is called in a sentence.</summary>
    public abstract string Kind { get; }
}
