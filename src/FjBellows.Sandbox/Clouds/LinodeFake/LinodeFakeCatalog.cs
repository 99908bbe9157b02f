using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Clouds;

/// <summary>What the stand-in sells, where, and what it boots.</summary>
internal static class LinodeFakeCatalog
{
    private static readonly string[] FullRegion = ["Linodes", "Cloud Firewall", "Metadata", "Placement Group", "VPCs"];

    public static IReadOnlyDictionary<string, string[]> Regions { get; } = new Dictionary<string, string[]>
    {
        ["us-ord"] = FullRegion,
        ["us-iad"] = FullRegion,
        ["br-gru"] = FullRegion,
        ["ap-old"] = ["Linodes"],
    };

    public static IReadOnlyDictionary<string, (decimal Hourly, int Vcpus, string Class)> Types { get; } =
        new Dictionary<string, (decimal, int, string)>
        {
            ["g6-nanode-1"] = (0.0075m, 1, "nanode"),
            ["g6-standard-2"] = (0.036m, 2, "standard"),
            ["g6-standard-4"] = (0.072m, 4, "standard"),
        };

    public static IReadOnlyDictionary<string, string[]> Images { get; } = new Dictionary<string, string[]>
    {
        ["linode/debian12"] = ["cloud-init", "distributed-sites"],
        ["linode/debian9"] = [],
    };

    /// <summary>São Paulo costs more, so that a price by region differs from the plan's.</summary>
    public static JsonObject Type(string id)
    {
        var (hourly, vcpus, kind) = Types[id];
        return new JsonObject
        {
            ["id"] = id,
            ["label"] = id,
            ["class"] = kind,
            ["vcpus"] = vcpus,
            ["memory"] = vcpus * 2048,
            ["disk"] = vcpus * 40960,
            ["gpus"] = 0,
            ["transfer"] = vcpus * 2000,
            ["network_out"] = vcpus * 2000,
            ["successor"] = null,
            ["price"] = new JsonObject { ["hourly"] = hourly, ["monthly"] = hourly * 666 },
            ["region_prices"] = new JsonArray(
                new JsonObject { ["id"] = "br-gru", ["hourly"] = hourly * 1.4m, ["monthly"] = hourly * 1.4m * 666 }),
        };
    }

    public static JsonObject Region(string id) => new()
    {
        ["id"] = id,
        ["label"] = id,
        ["country"] = id[..2],
        ["capabilities"] = new JsonArray([.. Regions[id].Select(c => JsonValue.Create(c))]),
        ["status"] = "ok",
        ["site-type"] = "core",
        ["resolvers"] = new JsonObject { ["ipv4"] = "198.51.100.5", ["ipv6"] = "2001:db8::5" },
        ["placement_group_limits"] = new JsonObject { ["maximum_pgs_per_customer"] = 100, ["maximum_linodes_per_pg"] = 5 },
    };

    public static JsonArray Availability(string region, LinodeFakeFaults faults) =>
        new([.. Types.Keys
            .Select(t => new JsonObject { ["region"] = region, ["plan"] = t, ["available"] = !faults.IsSoldOut(region, t) })]);

    public static JsonObject Image(string id) => new()
    {
        ["id"] = id,
        ["label"] = id,
        ["capabilities"] = new JsonArray([.. Images[id].Select(c => JsonValue.Create(c))]),
        ["created"] = "2024-01-01T00:00:00",
        ["updated"] = "2024-01-01T00:00:00",
        ["created_by"] = "linode",
        ["deprecated"] = id == "linode/debian9",
        ["description"] = null,
        ["eol"] = "2028-06-30T04:00:00",
        ["expiry"] = null,
        ["is_public"] = true,
        ["regions"] = new JsonArray(),
        ["size"] = 1500,
        ["status"] = "available",
        ["tags"] = new JsonArray(),
        ["total_size"] = 1500,
        ["type"] = "manual",
        ["vendor"] = "Debian",
    };
}
