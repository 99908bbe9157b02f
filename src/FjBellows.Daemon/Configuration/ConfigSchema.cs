using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Configuration;

/// <summary>The JSON schema of the configuration (draft 2020-12), for editors.</summary>
internal static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented JSON, with the keys of every provider.</summary>
    /// <param name="modules">The providers.</param>
    public static string Text(ProviderModules modules) => Of(modules).ToJsonString(Indented);

    /// <summary>The schema.</summary>
    /// <param name="modules">The providers.</param>
    public static JsonObject Of(ProviderModules modules)
    {
        var schema = OfKeys(ConfigKeys.Root);
        schema["required"] = new JsonArray("forgejo");
        schema["allOf"] = ProviderRules(modules);
        schema["$defs"] = new JsonObject
        {
            ["pool"] = WithProviders(OfKeys(ConfigKeys.Pool.Keys), modules),
            ["namedPool"] = WithProviders(OfKeys(ConfigKeys.Pool.NamedKeys), modules),
        };
        schema["$defs"]!["namedPool"]!["required"] = new JsonArray("name");
        var head = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "fj-bellows configuration",
        };
        foreach (var (name, value) in schema.ToArray())
        {
            schema.Remove(name);
            head[name] = value;
        }

        head["properties"]!["provider"]!["enum"] = ProviderNames(modules);
        return head;
    }

    /// <summary>The schema of a group.</summary>
    public static JsonObject OfKeys(IReadOnlyList<ConfigKey> keys)
    {
        var properties = new JsonObject();
        foreach (var key in keys)
        {
            var schema = key.ValueSchema();
            schema["description"] = key.Doc + (key.DefaultText is { } text ? $" Default: {text}." : "");
            properties[key.Name] = schema;
        }

        var group = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        var required = keys.Where(k => k.IsRequired).Select(k => (JsonNode)k.Name).ToArray();
        if (required.Length > 0)
        {
            group["required"] = new JsonArray(required);
        }

        return group;
    }

    /// <summary>The schema of <c>pools</c>; the pools themselves are under <c>$defs</c>.</summary>
    public static JsonObject OfPools() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "object",
                ["minProperties"] = 1,
                ["additionalProperties"] = new JsonObject { ["$ref"] = "#/$defs/pool" },
            },
            new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["$ref"] = "#/$defs/namedPool" } }),
    };

    private static JsonObject WithProviders(JsonObject schema, ProviderModules modules)
    {
        schema["properties"]!["provider"]!["enum"] = ProviderNames(modules);
        schema["allOf"] = ProviderRules(modules);
        return schema;
    }

    private static JsonArray ProviderNames(ProviderModules modules) => [.. modules.Names.Select(n => (JsonNode)n)];

    private static JsonArray ProviderRules(ProviderModules modules) =>
    [
        .. modules.All.Select(module => (JsonNode)new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["provider"] = new JsonObject { ["const"] = module.Name } },
                ["required"] = new JsonArray("provider"),
            },
            ["then"] = new JsonObject { ["properties"] = new JsonObject { ["provider_config"] = OfKeys(module.Keys) } },
        }),
    ];
}
