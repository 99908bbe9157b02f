namespace FjBellows.Daemon.Configuration;

/// <summary>What reading one value needs to know.</summary>
/// <param name="Key">The key's full name.</param>
/// <param name="Findings">Takes what is wrong.</param>
/// <param name="Sources">Where references are looked up.</param>
internal sealed record ValueContext(string Key, Findings Findings, ConfigSources Sources)
{
    /// <summary>Adds an error at a node.</summary>
    public void Error(ConfigNode node, string message, string fix) => Findings.Error(node.Mark, Key, message, fix);

    /// <summary>The text of a single value with its <c>${NAME}</c> references resolved; null after a finding.</summary>
    public string? Text(ConfigNode node, string wanted)
    {
        if (node is not ConfigScalar scalar)
        {
            Error(node, $"{Key}: expected {wanted}, found {node.Kind}", $"write {wanted} after '{Key.Split('.')[^1]}:'");
            return null;
        }

        if (Sources.Expand(scalar.Text, out var value, Findings.Hide) is not { } problem)
        {
            return value;
        }

        Error(node, $"{Key}: {problem.Message}", problem.Fix);
        return null;
    }
}
