namespace FjBellows.Jobs;

/// <summary>A runner label as forgejo-runner takes it: <c>name</c>, <c>name:docker://image</c>, <c>name:host</c>, <c>name:lxc://template</c>.
/// Forgejo itself only sees the bare name. Invariant J6.</summary>
public sealed record RunnerLabel
{
    private RunnerLabel(string name, RunnerLabelSchema schema, string? argument, string text)
    {
        Name = name;
        Schema = schema;
        Argument = argument;
        Text = text;
    }

    /// <summary>The bare name, as <c>runs-on</c> writes it.</summary>
    public string Name { get; }

    /// <summary>Where the job's steps run.</summary>
    public RunnerLabelSchema Schema { get; }

    /// <summary>The image or template, null where the label names none.</summary>
    public string? Argument { get; }

    /// <summary>The whole label, as it is given to the runner.</summary>
    public string Text { get; }

    /// <summary>True when jobs of this label need a Docker engine on the worker. A bare name means Docker too: the runner's default image.</summary>
    public bool NeedsDocker => Schema == RunnerLabelSchema.Docker;

    /// <summary>Reads a label.</summary>
    /// <param name="text">The label as configured.</param>
    /// <returns>The label.</returns>
    /// <exception cref="FormatException">The label is empty, holds white space or a comma, or names an unknown schema; the message says which.</exception>
    public static RunnerLabel Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            throw new FormatException("a label is empty; write a name such as 'docker' or 'ubuntu:docker://node:22-bookworm'");
        }

        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new FormatException($"label '{text}' holds white space; labels are single words");
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        if (name.Length == 0)
        {
            throw new FormatException($"label '{text}' has no name before its ':'");
        }

        if (name.Contains(',', StringComparison.Ordinal))
        {
            throw new FormatException($"label '{text}' holds a comma in its name; Forgejo separates label names by commas");
        }

        if (colon < 0)
        {
            return new RunnerLabel(name, RunnerLabelSchema.Docker, null, text);
        }

        var rest = text[(colon + 1)..];
        var schemaEnd = rest.IndexOf(':', StringComparison.Ordinal);
        var schema = schemaEnd < 0 ? rest : rest[..schemaEnd];
        var argument = schemaEnd < 0 ? null : rest[(schemaEnd + 1)..].TrimStart('/');
        return schema switch
        {
            "docker" => new RunnerLabel(name, RunnerLabelSchema.Docker, Required(argument), text),
            "lxc" => new RunnerLabel(name, RunnerLabelSchema.Lxc, Required(argument), text),
            "host" when argument is null => new RunnerLabel(name, RunnerLabelSchema.Host, null, text),
            "host" => throw new FormatException($"label '{text}': 'host' takes no argument; write '{name}:host'"),
            _ => throw new FormatException($"label '{text}' names the schema '{schema}'; forgejo-runner knows docker, host and lxc"),
        };

        string? Required(string? value) =>
            value is null || value.Length > 0 ? value : throw new FormatException($"label '{text}' names no image after '{schema}:'");
    }

    /// <inheritdoc />
    public override string ToString() => Text;
}

/// <summary>Where a label's jobs run.</summary>
public enum RunnerLabelSchema
{
    /// <summary>In a container.</summary>
    Docker,

    /// <summary>On the worker itself.</summary>
    Host,

    /// <summary>In an LXC container.</summary>
    Lxc,
}
