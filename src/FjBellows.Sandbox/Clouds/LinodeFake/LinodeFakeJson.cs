using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Clouds;

/// <summary>Instances and people as Linode writes them.</summary>
internal static class LinodeFakeJson
{
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    public static JsonObject Instance(LinodeFakeInstance i) => new()
    {
        ["id"] = i.Id,
        ["label"] = i.Label,
        ["group"] = "",
        ["status"] = i.Status,
        ["created"] = Time(i.Created),
        ["updated"] = Time(i.Created),
        ["type"] = i.Type,
        ["ipv4"] = new JsonArray(i.Address),
        ["ipv6"] = string.Create(CultureInfo.InvariantCulture, $"2001:db8::{i.Id:x}/128"),
        ["image"] = "linode/debian12",
        ["region"] = i.Region,
        ["site_type"] = "core",
        ["specs"] = new JsonObject
        {
            ["disk"] = 81920,
            ["memory"] = 4096,
            ["vcpus"] = 2,
            ["gpus"] = 0,
            ["transfer"] = 4000,
            ["accelerated_devices"] = 0,
        },
        ["alerts"] = new JsonObject { ["cpu"] = 180, ["network_in"] = 10, ["network_out"] = 10, ["transfer_quota"] = 80, ["io"] = 10000 },
        ["backups"] = new JsonObject
        {
            ["enabled"] = false,
            ["available"] = false,
            ["schedule"] = new JsonObject { ["day"] = null, ["window"] = null },
        },
        ["hypervisor"] = "kvm",
        ["watchdog_enabled"] = true,
        ["tags"] = Strings(i.Tags),
        ["host_uuid"] = "3a3ddd59d9a78bb8de041391075df44de62bfec8",
        ["has_user_data"] = i.UserData is not null,
        ["placement_group"] = i.GroupId is { } group
            ? new JsonObject
            {
                ["id"] = group,
                ["label"] = "group",
                ["placement_group_type"] = "anti_affinity:local",
                ["placement_group_policy"] = "flexible",
            }
            : null,
        ["disk_encryption"] = "enabled",
        ["lke_cluster_id"] = null,
        ["capabilities"] = new JsonArray(),
        ["interface_generation"] = "legacy_config",
        ["maintenance_policy"] = "linode/migrate",
        ["locks"] = Strings(i.Locks),
    };

    public static JsonObject Ips(LinodeFakeInstance i) => new()
    {
        ["ipv4"] = new JsonObject
        {
            ["public"] = new JsonArray(new JsonObject
            {
                ["address"] = i.Address,
                ["gateway"] = null,
                ["linode_id"] = i.Id,
                ["prefix"] = 24,
                ["public"] = true,
                ["rdns"] = null,
                ["region"] = i.Region,
                ["subnet_mask"] = "255.255.255.0",
                ["type"] = "ipv4",
            }),
            ["private"] = new JsonArray(),
            ["shared"] = new JsonArray(),
            ["reserved"] = new JsonArray(),
            ["vpc"] = i.SubnetId is { } subnet
                ? new JsonArray(new JsonObject
                {
                    ["active"] = true,
                    ["address"] = string.Create(CultureInfo.InvariantCulture, $"10.0.{i.Id / 250 % 250}.{(i.Id % 250) + 1}"),
                    ["address_range"] = null,
                    ["config_id"] = i.Id,
                    ["interface_id"] = i.Id,
                    ["linode_id"] = i.Id,
                    ["nat_1_1"] = i.Address,
                    ["region"] = i.Region,
                    ["subnet_id"] = subnet,
                    ["vpc_id"] = subnet,
                })
                : new JsonArray(),
        },
    };

    public static JsonObject Profile(LinodeFakeOptions options) => new()
    {
        ["username"] = "operator",
        ["email"] = "operator@example.com",
        ["restricted"] = options.Restricted,
        ["uid"] = 1234,
        ["timezone"] = "UTC",
        ["two_factor_auth"] = true,
        ["authentication_type"] = "password",
        ["authorized_keys"] = null,
        ["email_notifications"] = false,
        ["ip_whitelist_enabled"] = false,
        ["lish_auth_method"] = "keys_only",
        ["verified_phone_number"] = null,
    };

    public static JsonObject Grants(LinodeFakeOptions options) => new()
    {
        ["global"] = new JsonObject
        {
            ["account_access"] = null,
            ["add_linodes"] = options.Grants.Contains("add_linodes"),
            ["add_firewalls"] = options.Grants.Contains("add_firewalls"),
            ["add_placement_groups"] = options.Grants.Contains("add_placement_groups"),
            ["add_vpcs"] = options.Grants.Contains("add_vpcs"),
        },
        ["linode"] = new JsonArray(),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);
}
