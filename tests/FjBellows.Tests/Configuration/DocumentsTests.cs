using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using Json.Schema;

namespace FjBellows.Tests.Configuration;

public class DocumentsTests
{
    private static readonly Lazy<JsonSchema> Schema = new(() => JsonSchema.FromText(ConfigSchema.Text(ProviderModules.BuiltIn)));

    private static string Root { get; } = FindRoot();

    [Fact]
    public void The_example_is_accepted_by_the_schema() => Problems(Example()).ShouldBeEmpty();

    [Fact]
    public void The_example_is_accepted_by_the_loader()
    {
        var loaded = Loaded(Example());

        loaded.Findings.ShouldBeEmpty(string.Join('\n', loaded.Findings));
        loaded.Config.ShouldNotBeNull().Pools.ShouldHaveSingleItem().Provider.Name.ShouldBe("linode");
    }

    [Fact]
    public void What_the_example_comments_out_is_accepted_too()
    {
        var lines = Example().Split('\n')
            .Select(line => line.TrimStart() is ['#', ' ', .. var rest] && rest.TrimStart().Split(' ')[0] is [.., ':'] or ['-']
                && !rest.Contains(". ", StringComparison.Ordinal) && !rest.Contains("$schema", StringComparison.Ordinal)
            ? line.Replace("# ", "", StringComparison.Ordinal)
            : line);

        // Two keys exclude others, and a file of authorities is read at once.
        var exclusive =
            lines.Where(
                l => !l.Contains("ca: forgejo-ca.pem", StringComparison.Ordinal) && !l.Contains("firewall_id", StringComparison.Ordinal)
                    && !l.Contains("placement_group_id", StringComparison.Ordinal));
        var text = string.Join('\n', exclusive);
        text.ShouldContain("\npools:\n  small:");

        var loaded = Loaded(text);

        loaded.Findings.ShouldBeEmpty(string.Join('\n', loaded.Findings));
        loaded.Config.ShouldNotBeNull().Pools.Count.ShouldBe(2);
        Problems(text).ShouldBeEmpty();
    }

    [Fact]
    public void The_example_names_every_key()
    {
        var text = Example();
        IEnumerable<ConfigKey> All(IEnumerable<ConfigKey> keys) => keys.SelectMany(k => All(k switch
        {
            SectionKey s => s.Keys,
            SectionListKey l => l.Keys,
            _ => [],
        }).Prepend(k));

        foreach (var key in All(ConfigKeys.Root)
            .Concat(ProviderModules.BuiltIn.All.Where(m => m.Name == "linode").SelectMany(m => All(m.Keys))))
        {
            text.ShouldContain($"{key.Name}:", customMessage: $"config.example.yaml does not show '{key.Name}'");
        }
    }

    [Theory]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin, lables: [a]}\nprovider: linode")]
    [InlineData("forgejo: {url: f, token: t, scope: admin, labels: [a]}\nprovider: linode")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\nprovider: lindoe")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\nprovider: linode\nprovider_config: {regoin: x}")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\npoll: {interval: 10}")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\nscale: {max: -1}")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\npools: {a: {tag: x}}")]
    [InlineData("forgejo: {url: https://f, token: t, scope: admin}\npools: [{labels: [x]}]")]
    [InlineData("tag: x")]
    public void The_schema_sees_what_the_loader_sees(string yaml)
    {
        Problems(yaml).ShouldNotBeEmpty();
        Loaded(yaml).Config.ShouldBeNull();
    }

    [Fact]
    public void The_schema_takes_references_where_numbers_belong() =>
        Problems("forgejo: {url: '${URL}', token: '${T}', scope: admin}\nscale: {max: '${MAX}'}\npoll: {interval: '${N}s'}")
            .ShouldBeEmpty();

    [Fact]
    public void The_checked_in_schema_is_the_program_s() =>
        File.ReadAllText(Path.Combine(Root, "docs", "config.schema.json")).TrimEnd()
            .ShouldBe(ConfigSchema.Text(ProviderModules.BuiltIn), "run: fj-bellows schema > docs/config.schema.json");

    [Fact]
    public void The_checked_in_reference_is_the_program_s() =>
        File.ReadAllText(Path.Combine(Root, "docs", "configuration.md"))
            .ShouldBe(ConfigReference.Markdown(ProviderModules.BuiltIn), "run: fj-bellows docs configuration > docs/configuration.md");

    private static string Example() => File.ReadAllText(Path.Combine(Root, "config.example.yaml"));

    private static LoadedConfig Loaded(string yaml) => ConfigLoader.Load(
        "config.example.yaml", Encoding.UTF8.GetBytes(yaml), ProviderModules.BuiltIn,
        new ConfigSources(_ => null, _ => Encoding.UTF8.GetBytes("secret"), "/etc/fj-bellows"));

    private static List<string> Problems(string yaml)
    {
        var root = YamlReader.Read(Encoding.UTF8.GetBytes(yaml), new Findings("x")).ShouldNotBeNull();
        var results = Schema.Value.Evaluate(
            JsonSerializer.SerializeToElement(Json(root)), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid
            ? []
            : [.. (results.Details ?? []).Where(d => d.Errors is not null)
                .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))];
    }

    private static JsonNode? Json(ConfigNode node) => node switch
    {
        ConfigMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key, Json(e.Value)))),
        ConfigList list => new JsonArray([.. list.Items.Select(Json)]),
        ConfigScalar { IsNull: true } => null,
        ConfigScalar { IsPlain: true, Text: "true" or "false" } scalar => scalar.Text == "true",
        ConfigScalar { IsPlain: true } scalar
            when long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        ConfigScalar scalar => scalar.Text,
        _ => throw new InvalidOperationException(),
    };

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "FjBellows.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return directory;
    }
}
