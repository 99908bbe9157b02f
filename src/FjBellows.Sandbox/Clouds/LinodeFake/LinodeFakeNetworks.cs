using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Clouds;

/// <summary>Firewalls, placement groups and VPCs of the stand-in's account, as the JSON they are asked for in.</summary>
/// <param name="account">The account; a create asks what is here, and a look here asks which instances are attached.</param>
/// <param name="gate">The account's own lock: with one each, a create and a look at a placement group would wait for each other without
/// end.</param>
/// <param name="options">What it is like.</param>
/// <param name="time">Its clock.</param>
internal sealed class LinodeFakeNetworks(LinodeFakeAccount account, Lock gate, LinodeFakeOptions options, TimeProvider time)
{
    private readonly SortedDictionary<long, JsonObject> _firewalls = [];
    private readonly SortedDictionary<long, JsonObject> _groups = [];
    private readonly SortedDictionary<long, JsonObject> _vpcs = [];

    public LinodeFakeReply? Answer(LinodeFakeRequest request)
    {
        lock (gate)
        {
            return (request.Method, request.Segments) switch
            {
                ("GET", ["networking", "firewalls"]) => request.PageOf(_firewalls.Values.Select(Copy)),
                ("POST", ["networking", "firewalls"]) => CreateFirewall(request),
                ("GET", ["networking", "firewalls", _]) => Get(_firewalls, request.Id(2), Copy),
                ("DELETE", ["networking", "firewalls", _]) => Delete(_firewalls, request.Id(2), inUse: false),
                ("GET", ["networking", "firewalls", _, "devices"]) => Devices(request),
                ("PUT", ["networking", "firewalls", _, "rules"]) => PutRules(request),
                ("GET", ["placement", "groups"]) => request.PageOf(_groups.Values.Select(Group)),
                ("POST", ["placement", "groups"]) => CreateGroup(request),
                ("GET", ["placement", "groups", _]) => Get(_groups, request.Id(2), Group),
                ("DELETE", ["placement", "groups", _]) => Delete(_groups, request.Id(2), Members(request.Id(2)).Any()),
                ("GET", ["vpcs"]) => request.PageOf(_vpcs.Values.Select(Vpc)),
                ("POST", ["vpcs"]) => CreateVpc(request),
                ("GET", ["vpcs", _]) => Get(_vpcs, request.Id(1), Vpc),
                ("DELETE", ["vpcs", _]) =>
                    Delete(_vpcs, request.Id(1), _vpcs.TryGetValue(request.Id(1), out var v) && v["subnets"]!.AsArray().Count > 0),
                ("POST", ["vpcs", _, "subnets"]) => CreateSubnet(request),
                ("DELETE", ["vpcs", _, "subnets", _]) => DeleteSubnet(request),
                _ => null,
            };
        }
    }

    public IReadOnlyList<JsonObject> Firewalls()
    {
        lock (gate)
        {
            return [.. _firewalls.Values.Select(Copy)];
        }
    }

    public IReadOnlyList<JsonObject> Groups()
    {
        lock (gate)
        {
            return [.. _groups.Values.Select(Group)];
        }
    }

    public IReadOnlyList<JsonObject> Vpcs()
    {
        lock (gate)
        {
            return [.. _vpcs.Values.Select(Vpc)];
        }
    }

    /// <summary>Why a create that names these things is refused.</summary>
    public LinodeFakeReply? Refuse(LinodeFakeRequest request, string region)
    {
        lock (gate)
        {
            if (request.Body["firewall_id"]?.GetValue<long>() is { } firewall && !_firewalls.ContainsKey(firewall))
            {
                return LinodeFakeReply.Error(400, $"Firewall ID: {firewall} not found", "firewall_id");
            }

            if (request.Body["interfaces"]?[0]?["subnet_id"]?.GetValue<long>() is { } subnet
                && !_vpcs.Values.Any(v => HasSubnet(v, subnet) && Text(v, "region") == region))
            {
                return LinodeFakeReply.Error(400, $"Subnet ID: {subnet} not found", "interfaces[0].subnet_id");
            }

            if (request.Body["placement_group"]?["id"]?.GetValue<long>() is not { } group)
            {
                return null;
            }

            return !_groups.TryGetValue(group, out var found)
                ? LinodeFakeReply.Error(400, $"Placement Group ID: {group} not found", "placement_group.id")
                : Text(found, "region") != region
                    ? LinodeFakeReply.Error(400, "Placement group must be in the same region", "placement_group.id")
                : Members(group).Count() >= options.MembersPerGroup
                    ? LinodeFakeReply.Error(400, "The placement group has reached its maximum capacity", "placement_group.id")
                : null;
        }
    }

    private static JsonObject Copy(JsonObject source) => source.DeepClone().AsObject();

    private static string Text(JsonObject source, string key) => source[key]!.GetValue<string>();

    private static LinodeFakeReply Get(SortedDictionary<long, JsonObject> all, long id, Func<JsonObject, JsonObject> render) =>
        all.TryGetValue(id, out var found) ? LinodeFakeReply.Ok(render(found)) : LinodeFakeReply.NotFound;

    private static LinodeFakeReply Delete(SortedDictionary<long, JsonObject> all, long id, bool inUse) =>
        inUse ? LinodeFakeReply.Error(409, "Still in use") : all.Remove(id) ? LinodeFakeReply.Empty : LinodeFakeReply.NotFound;

    private static bool HasSubnet(JsonObject vpc, long subnet) => vpc["subnets"]!.AsArray().Any(s => s!["id"]!.GetValue<long>() == subnet);

    private static LinodeFakeReply? Taken(SortedDictionary<long, JsonObject> all, LinodeFakeRequest request) =>
        all.Values.Any(o => Text(o, "label") == request.Text("label")) ? LinodeFakeReply.Error(400, "Label must be unique", "label") : null;

    private string Now => LinodeFakeJson.Time(time.GetUtcNow());

    private IEnumerable<LinodeFakeInstance> Members(long group) => account.Alive().Where(i => i.GroupId == group);

    private LinodeFakeReply CreateFirewall(LinodeFakeRequest request)
    {
        if (Taken(_firewalls, request) is { } taken)
        {
            return taken;
        }

        if (request.Text("label") is not { Length: >= 3 and <= 32 })
        {
            return LinodeFakeReply.Error(400, "Length must be 3-32 characters", "label");
        }

        if (RefuseRules(request.Body["rules"]!.AsObject()) is { } refusal)
        {
            return refusal;
        }

        var id = account.NextId();
        _firewalls[id] = new JsonObject
        {
            ["id"] = id,
            ["label"] = request.Text("label"),
            ["status"] = "enabled",
            ["tags"] = request.Body["tags"]?.DeepClone() ?? new JsonArray(),
            ["rules"] = Stored(request.Body["rules"]!.AsObject(), 1),
            ["created"] = Now,
            ["updated"] = Now,
        };
        return LinodeFakeReply.Ok(Copy(_firewalls[id]));
    }

    private LinodeFakeReply PutRules(LinodeFakeRequest request)
    {
        if (!_firewalls.TryGetValue(request.Id(2), out var firewall))
        {
            return LinodeFakeReply.NotFound;
        }

        if (RefuseRules(request.Body) is { } refusal)
        {
            return refusal;
        }

        firewall["rules"] = Stored(request.Body, firewall["rules"]!["version"]!.GetValue<int>() + 1);
        return LinodeFakeReply.Ok(firewall["rules"]!.DeepClone());
    }

    private static JsonObject Stored(JsonObject rules, int version)
    {
        var stored = Copy(rules);
        stored["inbound"] ??= new JsonArray();
        stored["outbound"] ??= new JsonArray();
        stored["version"] = version;
        stored["fingerprint"] = $"{version:x8}";
        return stored;
    }

    /// <summary>Linode counts the addresses of both families of a rule together.</summary>
    private static LinodeFakeReply? RefuseRules(JsonObject rules)
    {
        foreach (var direction in new[] { "inbound", "outbound" })
        {
            var all = rules[direction]?.AsArray() ?? [];
            if (all.Count > 25)
            {
                return LinodeFakeReply.Error(400, "Too many rules submitted. Max allowed is 25", $"rules.{direction}");
            }

            if (all.Any(r => (r!["addresses"]?["ipv4"]?.AsArray().Count ?? 0) + (r["addresses"]?["ipv6"]?.AsArray().Count ?? 0) > 255))
            {
                return LinodeFakeReply.Error(400, "Too many addresses submitted. Max allowed is 255", $"rules.{direction}[0].addresses");
            }
        }

        return null;
    }

    private LinodeFakeReply Devices(LinodeFakeRequest request)
    {
        var firewall = request.Id(2);
        return !_firewalls.ContainsKey(firewall)
            ? LinodeFakeReply.NotFound
            : request.PageOf(account.Alive().Where(i => i.FirewallId == firewall).Select(i => new JsonObject
            {
                ["id"] = i.Id,
                ["created"] = LinodeFakeJson.Time(i.Created),
                ["updated"] = LinodeFakeJson.Time(i.Created),
                ["entity"] =
                    new JsonObject { ["id"] = i.Id, ["label"] = i.Label, ["type"] = "linode", ["url"] = $"/v4/linode/instances/{i.Id}" },
            }));
    }

    private LinodeFakeReply CreateGroup(LinodeFakeRequest request)
    {
        if (Taken(_groups, request) is { } taken)
        {
            return taken;
        }

        var id = account.NextId();
        _groups[id] = new JsonObject
        {
            ["id"] = id,
            ["label"] = request.Text("label"),
            ["region"] = request.Text("region"),
            ["placement_group_type"] = request.Text("placement_group_type"),
            ["placement_group_policy"] = request.Text("placement_group_policy"),
            ["is_compliant"] = true,
        };
        return LinodeFakeReply.Ok(Group(_groups[id]));
    }

    private JsonObject Group(JsonObject group)
    {
        var shown = Copy(group);
        shown["members"] = new JsonArray(
            [.. Members(group["id"]!.GetValue<long>()).Select(i => new JsonObject { ["linode_id"] = i.Id, ["is_compliant"] = true })]);
        return shown;
    }

    private LinodeFakeReply CreateVpc(LinodeFakeRequest request)
    {
        if (Taken(_vpcs, request) is { } taken)
        {
            return taken;
        }

        var id = account.NextId();
        var vpc = new JsonObject
        {
            ["id"] = id,
            ["label"] = request.Text("label"),
            ["region"] = request.Text("region"),
            ["description"] = request.Text("description") ?? "",
            ["subnets"] = new JsonArray(),
            ["created"] = Now,
            ["updated"] = Now,
        };
        foreach (var subnet in request.Body["subnets"]?.AsArray() ?? [])
        {
            vpc["subnets"]!.AsArray().Add((JsonNode)Subnet(subnet!.AsObject()));
        }

        _vpcs[id] = vpc;
        return LinodeFakeReply.Ok(Vpc(vpc));
    }

    private JsonObject Subnet(JsonObject asked) => new()
    {
        ["id"] = account.NextId(),
        ["label"] = Text(asked, "label"),
        ["ipv4"] = Text(asked, "ipv4"),
        ["created"] = Now,
        ["updated"] = Now,
    };

    private JsonObject Vpc(JsonObject vpc)
    {
        var shown = Copy(vpc);
        foreach (var subnet in shown["subnets"]!.AsArray())
        {
            var id = subnet!["id"]!.GetValue<long>();
            subnet["linodes"] = new JsonArray(
                [.. account.Alive().Where(i => i.SubnetId == id)
                    .Select(i => new JsonObject { ["id"] = i.Id, ["interfaces"] = new JsonArray() })]);
        }

        return shown;
    }

    private LinodeFakeReply CreateSubnet(LinodeFakeRequest request)
    {
        if (!_vpcs.TryGetValue(request.Id(1), out var vpc))
        {
            return LinodeFakeReply.NotFound;
        }

        var subnet = Subnet(request.Body);
        vpc["subnets"]!.AsArray().Add((JsonNode)Copy(subnet));
        return LinodeFakeReply.Ok(subnet);
    }

    private LinodeFakeReply DeleteSubnet(LinodeFakeRequest request)
    {
        var id = request.Id(3);
        if (!_vpcs.TryGetValue(request.Id(1), out var vpc) || !HasSubnet(vpc, id))
        {
            return LinodeFakeReply.NotFound;
        }

        if (account.Alive().Any(i => i.SubnetId == id))
        {
            return LinodeFakeReply.Error(409, "Still in use");
        }

        var subnets = vpc["subnets"]!.AsArray();
        subnets.RemoveAt(subnets.ToList().FindIndex(s => s!["id"]!.GetValue<long>() == id));
        return LinodeFakeReply.Empty;
    }
}
