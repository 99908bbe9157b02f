namespace FjBellows.Jobs;

/// <summary>A runner label as forgejo-runner takes it: <c>name</c>, <c>name:docker://image</c>, <c>name:host</c>,
/// <c>name:lxc://template</c>; from runner 13 on with options after the first two, such as <c>?platform=linux/amd64</c>. Forgejo itself
/// only sees the bare name. Invariant J6.</summary>
public sealed record RunnerLabel
{
    private RunnerLabel(string name, RunnerLabelSchema schema, string? argument, string? options, string text)
    {
        Name = name;
        Schema = schema;
        Argument = argument;
        Options = options;
        Text = text;
    }

    /// <summary>The bare name, as <c>runs-on</c> writes it.</summary>
    public string Name { get; }

    /// <summary>Where the job's steps run.</summary>
    public RunnerLabelSchema Schema { get; }

    /// <summary>The image or template, null where the label names none.</summary>
    public string? Argument { get; }

    /// <summary>What stands after the question mark, null without one. Runners before 13 take it for a part of the name or of the
    /// image.</summary>
    public string? Options { get; }

    /// <summary>The whole label, as it is given to the runner.</summary>
    public string Text { get; }

    /// <summary>True when jobs of this label need a Docker engine on the worker. A bare name means Docker too: the runner's default
    /// image.</summary>
    public bool NeedsDocker => Schema == RunnerLabelSchema.Docker;

    /// <summary>Reads a label.</summary>
    /// <param name="text">The label as configured.</param>
    /// <returns>The label.</returns>
    /// <exception cref="FormatException">The label is empty, holds white space or a comma, or names an unknown schema; the message says
    /// which.</exception>
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

        var question = text.IndexOf('?', StringComparison.Ordinal);
        var options = question < 0 ? null : text[(question + 1)..];
        var plain = question < 0 ? text : text[..question];
        var colon = plain.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? plain : plain[..colon];
        if (name.Length == 0)
        {
            throw new FormatException($"label '{text}' has no name before its '{(colon < 0 ? '?' : ':')}'");
        }

        if (name.Contains(',', StringComparison.Ordinal))
        {
            throw new FormatException($"label '{text}' holds a comma in its name; Forgejo separates label names by commas");
        }

        if (options is not null && colon < 0 && options.Split(':').Skip(1).Any(p => p is "docker" or "host" or "lxc"))
        {
            throw new FormatException(
                $"label '{text}' has its options before the schema, where no runner looks for them; write them last, such as " +
                $"'{name}:docker://IMAGE?platform=linux/amd64'");
        }

        if (options is not null && !IsOptions(options))
        {
            throw new FormatException($"label '{text}' has options that are not name=value; write such as '{name}?platform=linux/amd64'");
        }

        if (colon < 0)
        {
            return new RunnerLabel(name, RunnerLabelSchema.Docker, null, options, text);
        }

        var rest = plain[(colon + 1)..];
        var schemaEnd = rest.IndexOf(':', StringComparison.Ordinal);
        var schema = schemaEnd < 0 ? rest : rest[..schemaEnd];
        var argument = schemaEnd < 0 ? null : rest[(schemaEnd + 1)..].TrimStart('/');
        return schema switch
        {
            "docker" => new RunnerLabel(name, RunnerLabelSchema.Docker, Required(argument), options, text),
            "lxc" or "host" when options is not null =>
                throw new FormatException($"label '{text}': only docker labels have options; write '{plain}'"),
            "lxc" => new RunnerLabel(name, RunnerLabelSchema.Lxc, Required(argument), null, text),
            "host" when argument is null => new RunnerLabel(name, RunnerLabelSchema.Host, null, null, text),
            "host" => throw new FormatException($"label '{text}': 'host' takes no argument; write '{name}:host'"),
            "lxd" =>
                throw new FormatException(
                    $"label '{text}' names the schema 'lxd', which makes forgejo-runner end at once; it knows docker, host and lxc"),
            _ => throw new FormatException($"label '{text}' names the schema '{schema}'; forgejo-runner knows docker, host and lxc"),
        };

        string? Required(string? value) =>
            value is null || value.Length > 0 ? value : throw new FormatException($"label '{text}' names no image after '{schema}:'");
    }

    private static bool IsOptions(string options) => options.Split('&').All(o =>
        o.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < o.Length - 1
            && o[..at].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

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
