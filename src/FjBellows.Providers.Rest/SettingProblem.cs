namespace FjBellows.Providers.Rest;

/// <summary>Something wrong in <c>provider_config</c>.</summary>
/// <param name="Key">The path of the key within the block, such as <c>firewall.allow_inbound[0]</c>.</param>
/// <param name="Message">What is wrong with it and, after a semicolon, what to do; reads on after the key.</param>
public sealed record SettingProblem(string Key, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Key} {Message}";
}
