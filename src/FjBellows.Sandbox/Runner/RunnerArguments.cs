using System.Globalization;

namespace FjBellows.Sandbox.Runner;

/// <summary>The command line of <c>one-job</c>, as forgejo-runner 12.8 takes it.</summary>
internal sealed class RunnerArguments
{
    public string Url { get; private set; } = "";

    public string Uuid { get; private set; } = "";

    public string TokenUrl { get; private set; } = "";

    /// <summary>The bare names. The sandbox runs every job on this machine, whatever the label's schema says.</summary>
    public List<string> Labels { get; } = [];

    public TimeSpan FetchInterval { get; private set; } = TimeSpan.FromSeconds(2);

    public string? Handle { get; private set; }

    public bool Wait { get; private set; }

    public string? ConfigFile { get; private set; }

    /// <summary>Reads the arguments after <c>one-job</c>.</summary>
    /// <exception cref="FormatException">An argument is unknown, malformed or missing.</exception>
    public static RunnerArguments Parse(ReadOnlySpan<string> args)
    {
        var read = new RunnerArguments();
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = Split(args[i]);
            switch (name)
            {
                case "--wait" or "-w":
                    read.Wait = value is null or "true";
                    continue;
                case "--url" or "--uuid" or "--token-url" or "--label" or "--fetch-interval" or "--handle" or "--config" or "-c":
                    value ??= ++i < args.Length ? args[i] : throw new FormatException($"flag needs an argument: {name}");
                    read.Take(name, value);
                    continue;
                default:
                    throw new FormatException($"unknown flag: {name}");
            }
        }

        read.Check();
        return read;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--url":
                Url = value.TrimEnd('/');
                break;
            case "--uuid":
                Uuid = value;
                break;
            case "--token-url":
                TokenUrl = value;
                break;
            case "--label":
                Labels.Add(Jobs.RunnerLabel.Parse(value).Name);
                break;
            case "--fetch-interval":
                FetchInterval = Duration(value);
                break;
            case "--handle":
                Handle = value;
                break;
            default:
                ConfigFile = value;
                break;
        }
    }

    private void Check()
    {
        if (Url.Length == 0 || Uuid.Length == 0 || TokenUrl.Length == 0)
        {
            throw new FormatException("--url, --uuid and --token-url are all needed");
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new FormatException($"--url {Url} is no http or https address");
        }

        if (Uuid.Any(char.IsControl))
        {
            throw new FormatException("--uuid holds a line break");
        }

        if (!TokenUrl.StartsWith("file:/", StringComparison.Ordinal))
        {
            throw new FormatException("--token-url must be file:/path");
        }
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith('-') ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    /// <summary>A Go duration such as <c>500ms</c>, <c>2s</c> or <c>1m30s</c>.</summary>
    internal static TimeSpan Duration(string text)
    {
        var total = TimeSpan.Zero;
        var at = 0;
        while (at < text.Length)
        {
            var number = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }

            if (unit == number || unit == at
                || !double.TryParse(text.AsSpan(number, unit - number), CultureInfo.InvariantCulture, out var count))
            {
                throw new FormatException($"invalid duration \"{text}\"");
            }

            total += text[unit..at] switch
            {
                "ms" => TimeSpan.FromMilliseconds(count),
                "s" => TimeSpan.FromSeconds(count),
                "m" => TimeSpan.FromMinutes(count),
                "h" => TimeSpan.FromHours(count),
                _ => throw new FormatException($"invalid duration \"{text}\""),
            };
        }

        return total > TimeSpan.Zero ? total : throw new FormatException($"invalid duration \"{text}\"");
    }
}
