using System.Text;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;

namespace FjBellows.Tests.Configuration;

/// <summary>A provider that exists for these tests only.</summary>
internal sealed class SampleModule(string name = "sample", bool needsSsh = true) : IProviderModule
{
    public static readonly ConfigKey<string> Region = new("region", "Where.", ConfigTypes.Text) { IsRequired = true };
    public static readonly ConfigKey<Secret> Token = new("token", "Who.", ConfigTypes.Secret);
    public static readonly ConfigKey<int> Size = new("size", "How large.", ConfigTypes.Integer(1, 9)) { Default = 1 };

    public string Name => name;

    public string Doc => "For tests.";

    public IReadOnlyList<ConfigKey> Keys { get; } = [Region, Token, Size];

    public IProviderConfig? Decode(ConfigSection section) =>
        new Plan(name, needsSsh, section.Get(Region), section.Get(Token), section.Get(Size));

    internal sealed record Plan(string Name, bool NeedsSsh, string? Region, Secret? Token, int Size) : IProviderConfig
    {
        public BillingModel Billing => BillingModel.Hourly;

        public ProviderParts Create(ProviderContext context) =>
            throw new NotSupportedException("the tests of the configuration buy nothing");
    }
}

internal static class ConfigFixture
{
    public const string Minimal =
        """
        forgejo:
          url: https://forgejo.example.com
          token: t0ken
          scope: orgs/example
          labels: [docker]
        tag: team-ci
        provider: sample
        provider_config:
          region: nl
        ssh:
          private_key_file: /etc/fj-bellows/id_ed25519
        """;

    public static ProviderModules Modules { get; } = new(new SampleModule(), new SampleModule("other", needsSsh: false));

    public static LoadedConfig Load(
        string yaml, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyDictionary<string, string>? files = null) =>
        Load(Encoding.UTF8.GetBytes(yaml), environment, files);

    public static LoadedConfig Load(
        byte[] content, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyDictionary<string, string>? files = null) =>
        ConfigLoader.Load(
            "config.yaml",
            content,
            Modules,
            new ConfigSources(
                name => environment?.GetValueOrDefault(name),
                path => files?.GetValueOrDefault(path) is { } text
                    ? Encoding.UTF8.GetBytes(text)
                    : throw new FileNotFoundException("no such file", path),
                "/etc/fj-bellows"));

    public static BellowsConfig Read(
        string yaml, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var loaded = Load(yaml, environment, files);
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty(string.Join('\n', loaded.Findings));
        return loaded.Config.ShouldNotBeNull();
    }

    /// <summary>The one error of a file.</summary>
    public static Finding Error(
        string yaml, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var loaded = Load(yaml, environment, files);
        loaded.Config.ShouldBeNull();
        var error = loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldHaveSingleItem(string.Join('\n', loaded.Findings));
        error.Fix.ShouldNotBeNullOrWhiteSpace();
        return error;
    }

    /// <summary>The minimal file with a line replaced.</summary>
    public static string With(string line, string replacement)
    {
        Minimal.Split('\n').ShouldContain(line);
        return string.Join('\n', Minimal.Split('\n').Select(l => l == line ? replacement : l));
    }
}
