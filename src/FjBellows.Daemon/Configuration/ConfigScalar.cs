namespace FjBellows.Daemon.Configuration;

/// <summary>A single value.</summary>
/// <param name="Mark">Where it begins.</param>
/// <param name="Text">The text, unquoted, its references not yet resolved.</param>
/// <param name="IsPlain">True when it was written without quotes and not as a block.</param>
internal sealed record ConfigScalar(Mark Mark, string Text, bool IsPlain) : ConfigNode(Mark)
{
    /// <inheritdoc />
    public override string Kind => IsNull ? "nothing" : "a single value";

    /// <summary>True when nothing was written, or YAML's word for nothing.</summary>
    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}
