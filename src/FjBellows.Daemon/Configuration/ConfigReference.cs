using System.Text;
using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Configuration;

/// <summary>Writes docs/configuration.md from the tables of keys.</summary>
internal static class ConfigReference
{
    /// <summary>The page.</summary>
    /// <param name="modules">The providers.</param>
    public static string Markdown(ProviderModules modules)
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Configuration

            <!-- Written by `fj-bellows docs configuration`; change the tables in src/FjBellows.Daemon instead of this page. -->

            For operators: every key of `config.yaml`, with its type, default and meaning.

            The daemon reads one YAML file, `/etc/fj-bellows/config.yaml` unless `-config` names another. `config.example.yaml` shows every key;
            `fj-bellows check -config FILE` lists every error of a file at once, with line, column and fix, and `fj-bellows schema`
            prints a JSON schema for editors.

            A key that is not listed here is refused. Durations are written as in Go: `500ms`, `10s`, `5m`, `1h30m`. In every value `${NAME}` stands for an
            environment variable, which must be set; `$${` stands for `${` itself. A secret may also be `file:PATH`: the content of a file, without the line
            break at its end. The path starts at the configuration's directory; under systemd `file:$CREDENTIALS_DIRECTORY/NAME` names a credential of the unit.


            """);
        page.Append("## Top of the file\n\n");
        Table(page, ConfigKeys.Root, "");
        foreach (var section in ConfigKeys.Root.OfType<SectionKey>())
        {
            page.Append($"## {section.Name}\n\n{section.Doc}\n\n");
            Table(page, section.Keys, $"{section.Name}.");
        }

        page.Append($"## pools\n\n{ConfigKeys.Pools.Doc}\n\n");
        Table(page, ConfigKeys.Pool.NamedKeys, "");
        page.Append(
            """
            ```yaml
            pools:
              small:
                labels: [docker]
                scale: {max: 4}
              large:
                labels: [docker-large]
                provider_config: {type: g6-dedicated-8, region: nl-ams, image: linode/debian13, token: "${LINODE_TOKEN}"}
            ```


            """);
        foreach (var module in modules.All)
        {
            page.Append($"## provider_config of `{module.Name}`\n\n{module.Doc}\n\n");
            Table(page, module.Keys, "");
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Table(StringBuilder page, IReadOnlyList<ConfigKey> keys, string prefix)
    {
        page.Append("| key | value | default | meaning |\n|---|---|---|---|\n");
        Rows(page, keys, prefix);
        page.Append('\n');
    }

    private static void Rows(StringBuilder page, IReadOnlyList<ConfigKey> keys, string prefix)
    {
        foreach (var key in keys)
        {
            var standard = key.IsRequired ? "required" : key.DefaultText switch
            {
                null => "",
                var text when text.Contains('`', StringComparison.Ordinal) || text.Contains(' ', StringComparison.Ordinal)
                    || text == "none" => text,
                var text => $"`{text}`",
            };
            page.Append($"| `{prefix}{key.Name}` | {Cell(key.ValueKind)} | {Cell(standard)} | {Cell(key.Doc)} |\n");
            if (prefix.Length > 0 || !ConfigKeys.Root.Contains(key))
            {
                var below = key switch
                {
                    SectionKey section when !ConfigKeys.Root.Contains(section) => (section.Keys, $"{prefix}{key.Name}."),
                    SectionListKey list => (list.Keys, $"{prefix}{key.Name}[]."),
                    _ => ([], ""),
                };
                Rows(page, below.Item1, below.Item2);
            }
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
