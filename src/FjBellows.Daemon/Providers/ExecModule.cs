using System.Globalization;
using System.Text.Json.Nodes;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Providers;
using FjBellows.Providers.Exec;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>Any program as a provider, as the configuration knows it.</summary>
internal sealed class ExecModule : IProviderModule
{
    private static readonly ConfigKey<IReadOnlyList<PlacedText>> Command = new(
        "command", "The program and its first arguments, as a list; the verb comes after them. No shell reads it.", ConfigTypes.TextList)
    { IsRequired = true };

    private static readonly ConfigKey<string> Directory = new(
        "directory", "Where the program runs. Without it, the program's own directory, or the configuration's.", ConfigTypes.Text);
    private static readonly ConfigKey<IReadOnlyList<PlacedText>> Env = new(
        "env", "Names of environment variables that are passed on beside PATH, HOME and LANG. No place for secrets: `settings` goes " +
            "through a pipe.", ConfigTypes.TextList);

    private static readonly NodeKey Settings = new(
        "settings", "The program's own settings, in any shape; it reads them as JSON. A value from `${NAME}` or `file:PATH` is a secret.",
        "group of keys", () => new() { ["type"] = "object" });

    private static readonly IReadOnlyList<ConfigKey<TimeSpan>> Verbs =
    [
        .. ExecSettings.DefaultTimeouts.Select(t => new ConfigKey<TimeSpan>(t.Key, $"How long `{t.Key}` may take.", ConfigTypes.Duration)
        {
            Default = t.Value,
            DefaultText = t.Value.TotalSeconds.ToString(CultureInfo.InvariantCulture) + "s",
        }),
    ];

    private static readonly SectionKey Timeouts = new(
        "timeouts", "How long the verbs may take. Then the program and all it started are ended.", [.. Verbs]);

    /// <inheritdoc />
    public string Name => ExecProvider.ProviderName;

    /// <inheritdoc />
    public string Doc =>
        "Any program that speaks a small protocol, such as a shell script for a cloud that has no provider here: " +
        "[exec-provider.md](exec-provider.md).";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } = [Command, Directory, Env, Settings, Timeouts];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var command = section.Texts(Command);
        if (section.Has(Command) && command is [] or ["", ..])
        {
            section.Error(Command, $"{section.FullName(Command)} names no program", "write its path as the first item of the list");
        }

        var (values, secrets) = ReadSettings(section);
        var timeouts = section.Section(Timeouts);
        var limits = Verbs.ToDictionary(v => v.Name, v => timeouts.Get(v), StringComparer.Ordinal);
        if (section.Findings.Errors > before)
        {
            return null;
        }

        // A path with a slash starts at the configuration's directory, whatever the daemon's own is.
        var program = command[0].Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(Path.Combine(section.Sources.Directory, command[0]))
            : command[0];
        var settings = new ExecSettings
        {
            Command = [program, .. command[1..]],
            Directory = Path.GetFullPath(Path.Combine(
                section.Sources.Directory, section.Get(Directory) ?? (Path.IsPathRooted(program) ? Path.GetDirectoryName(program)! : "."))),
            Env = section.Texts(Env),
            Settings = values,
            Secrets = secrets,
            Timeouts = limits,
        };
        try
        {
            // How it bills must be known before anything is opened, and only the program knows it.
            return new ExecConfig(settings, Task.Run(() => ExecProvider.OpenAsync(settings)).GetAwaiter().GetResult());
        }
        catch (CloudException e)
        {
            section.Error(
                Command, $"{section.FullName(Command)}: {e.Message}",
                "see docs/exec-provider.md for what describe answers, and try it with fj-bellows provider test exec");
            return null;
        }
    }

    private static (JsonObject Values, IReadOnlyList<Secret> Secrets) ReadSettings(ConfigSection section)
    {
        var secrets = new List<Secret>();
        switch (section.Node(Settings))
        {
            case null:
                return ([], secrets);
            case ConfigMap map:
                return (Group(map, section.FullName(Settings)), secrets);
            case { } node:
                section.Error(
                    Settings, $"{section.FullName(Settings)} expected a mapping, found {node.Kind}",
                    "write the program's settings below it, indented");
                return ([], secrets);
        }

        JsonObject Group(ConfigMap map, string path) =>
            new(map.Entries.Select(e => KeyValuePair.Create(e.Key, Value(e.Value, $"{path}.{e.Key}"))));

        JsonNode? Value(ConfigNode node, string path) => node switch
        {
            ConfigMap map => Group(map, path),
            ConfigList list => new JsonArray([.. list.Items.Select((item, i) => Value(item, $"{path}[{i}]"))]),
            ConfigScalar { IsNull: true } => null,
            ConfigScalar { IsPlain: true, Text: "true" or "false" } word => word.Text == "true",
            ConfigScalar { IsPlain: true } word
                when long.TryParse(word.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            ConfigScalar word when word.Text.StartsWith("file:", StringComparison.Ordinal)
                || word.Text.Contains("${", StringComparison.Ordinal) => Reference(word, path),
            ConfigScalar word => word.Text,
            _ => null,
        };

        string? Reference(ConfigScalar word, string path)
        {
            var secret = ConfigTypes.Secret.Read(word, new ValueContext(path, section.Findings, section.Sources));
            if (secret is not null)
            {
                secrets.Add(secret);
            }

            return secret?.Reveal();
        }
    }

    /// <summary>A program that has said what it is.</summary>
    private sealed record ExecConfig(ExecSettings Settings, ExecProvider Described) : IProviderConfig, IExecConfig
    {
        public string Name => ExecProvider.ProviderName;

        public BillingModel Billing => Described.Billing;

        public bool NeedsSsh => true;

        public IReadOnlyList<Secret> Secrets => Settings.Secrets;

        public ProviderParts Create(ProviderContext context) => new(
            Described.With(context.Time, context.Logs.CreateLogger<ExecProvider>()), SshWorkers.Connect(context, Described.Capabilities));
    }
}

/// <summary>A configuration of the provider <c>exec</c>, for its test.</summary>
internal interface IExecConfig
{
    /// <summary>How the program is run.</summary>
    ExecSettings Settings { get; }
}
