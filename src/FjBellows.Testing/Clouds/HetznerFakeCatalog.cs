using System.Text.Json.Nodes;

namespace FjBellows.Testing.Clouds;

/// <summary>What the stand-in for Hetzner offers.</summary>
internal static class HetznerFakeCatalog
{
    public static readonly string[] TypeNames = ["cx23", "cx33", "cax11"];
    public static readonly string[] Locations = ["fsn1", "nbg1", "hel1"];

    public static IEnumerable<JsonObject> Types() => TypeNames.Select(Type);

    public static JsonObject Type(string name) => new()
    {
        ["id"] = Array.IndexOf(TypeNames, name) + 1,
        ["name"] = name,
        ["description"] = name.ToUpperInvariant(),
        ["architecture"] = name.StartsWith("cax", StringComparison.Ordinal) ? "arm" : "x86",
        ["cores"] = 2,
        ["cpu_type"] = "shared",
        ["deprecated"] = false,
        ["disk"] = 40,
        ["memory"] = 4,
        ["storage_type"] = "local",
        ["locations"] = new JsonArray(
            [.. Locations
                .Select((l, i) => new JsonObject
                {
                    ["id"] = i + 1,
                    ["name"] = l,
                    ["deprecation"] = null,
                    ["available"] = l != "hel1",
                    ["recommended"] = true,
                })]),
        ["prices"] = new JsonArray([.. Locations.Select(l => new JsonObject
        {
            ["location"] = l,
            ["price_hourly"] = Price("0.0056"),
            ["price_monthly"] = Price("3.49"),
            ["price_per_tb_traffic"] = Price("1.00"),
            ["included_traffic"] = 20_000_000_000_000,
        })]),
    };

    public static JsonObject Location(string name) => new()
    {
        ["id"] = Array.IndexOf(Locations, name) + 1,
        ["name"] = name,
        ["city"] = "Falkenstein",
        ["country"] = "DE",
        ["description"] = "DC Park 1",
        ["latitude"] = 50.5,
        ["longitude"] = 12.4,
        ["network_zone"] = "eu-central",
    };

    public static IEnumerable<JsonObject> Images() =>
    [
        Image(11, "debian-12", "system", "x86", []),
        Image(12, "debian-12", "system", "arm", []),
        Image(13, null, "snapshot", "x86", new() { ["role"] = "ci" }),
        Image(14, null, "snapshot", "x86", new() { ["role"] = "ci" }),
    ];

    public static JsonObject Key() => new()
    {
        ["id"] = 7,
        ["name"] = "ops",
        ["fingerprint"] = "b7:2f:30:a0:2f:6c:58:6c:21:04:58:61:ba:06:3b:2f",
        ["public_key"] = "ssh-ed25519 AAAA ops",
        ["labels"] = new JsonObject(),
        ["created"] = "2026-01-30T23:55:00+00:00",
    };

    public static JsonObject Pricing() => new()
    {
        ["pricing"] = new JsonObject
        {
            ["currency"] = "EUR",
            ["vat_rate"] = "19.00",
            ["primary_ips"] = new JsonArray(new JsonObject
            {
                ["type"] = "ipv4",
                ["prices"] = new JsonArray(
                    [.. Locations
                        .Select(l =>
                            new JsonObject { ["location"] = l, ["price_hourly"] = Price("0.0008"), ["price_monthly"] = Price("0.50") })]),
            }),
            ["floating_ips"] = new JsonArray(),
            ["image"] = new JsonObject { ["price_per_gb_month"] = Price("0.01") },
            ["load_balancer_types"] = new JsonArray(),
            ["server_backup"] = new JsonObject { ["percentage"] = "20.00" },
            ["server_types"] = new JsonArray(),
            ["volume"] = new JsonObject { ["price_per_gb_month"] = Price("0.04") },
            ["floating_ip"] = new JsonObject { ["price_monthly"] = Price("1.00") },
            ["traffic"] = new JsonObject { ["price_per_tb"] = Price("1.00") },
        },
    };

    private static JsonObject Image(int id, string? name, string type, string architecture, JsonObject labels) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["type"] = type,
        ["architecture"] = architecture,
        ["description"] = name ?? $"snapshot {id}",
        ["status"] = "available",
        ["created"] = $"2026-01-{id}T00:00:00+00:00",
        ["labels"] = labels,
        ["bound_to"] = null,
        ["created_from"] = null,
        ["deleted"] = null,
        ["deprecated"] = null,
        ["disk_size"] = 5,
        ["image_size"] = null,
        ["os_flavor"] = "debian",
        ["os_version"] = "12",
        ["protection"] = new JsonObject { ["delete"] = false },
    };

    private static JsonObject Price(string amount) => new() { ["net"] = amount, ["gross"] = amount };
}
