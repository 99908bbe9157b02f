namespace FjBellows.Dispatch;

/// <summary>Names one dispatch: one attempt to run one job on one worker. It is the runner's name in Forgejo too:
/// <c>{worker}-{n}</c>.</summary>
/// <param name="Value">The id: letters, digits and hyphens.</param>
public readonly record struct DispatchId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}
