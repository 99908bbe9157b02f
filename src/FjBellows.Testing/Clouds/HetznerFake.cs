using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FjBellows.Testing.Clouds;

/// <summary>A stand-in for Hetzner Cloud's API. What it answers is held against the vendor's schema by the tests.</summary>
/// <param name="time">Its clock.</param>
/// <param name="token">The one token it accepts.</param>
public sealed partial class HetznerFake(TimeProvider time, string token) : FakeCloud("/v1", token, time)
{
    private readonly Dictionary<long, JsonObject> _firewalls = [];
    private readonly Dictionary<long, JsonObject> _actions = [];
    private long _lastId = 50;

    /// <summary>What the project owns.</summary>
    public FakeAccount Account { get; } = new(time);

    /// <summary>Its firewalls, as JSON.</summary>
    public IReadOnlyList<JsonObject> Firewalls => [.. _firewalls.Values];

    /// <summary>Fails the action of the next server that is created, after the answer of success; empty for none.</summary>
    public string NextActionFails { get; set; } = "";

    /// <inheritdoc />
    protected override FakeReply Unauthorized => Error(401, "unauthorized", "unable to authenticate");

    /// <summary>An answer of refusal.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="code">Hetzner's code.</param>
    /// <param name="message">Its sentence.</param>
    public static FakeReply Error(int status, string code, string message) =>
        FakeReply.Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    /// <inheritdoc />
    protected override FakeReply Act(FakeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_firewalls)
        {
            return (request.Method, request.Segments) switch
            {
                ("GET", ["servers"]) => Page(request, "servers", Account.All.Select(Server)),
                ("POST", ["servers"]) => Create(request),
                ("GET", ["servers", var id]) =>
                    Account.Find(id) is { } found ? FakeReply.Json(200, new JsonObject { ["server"] = Server(found) }) : NotFound,
                ("DELETE", ["servers", var id]) => Delete(id),
                ("POST", ["servers", var id, "actions", "rebuild"]) => Rebuild(id, request),
                ("GET", ["actions", var id]) =>
                    _actions.TryGetValue(long.Parse(id, CultureInfo.InvariantCulture), out var action)
                        ? FakeReply.Json(200, new JsonObject { ["action"] = Ended(action) })
                        : NotFound,
                ("GET", ["server_types"]) => Page(request, "server_types", HetznerFakeCatalog.Types()),
                ("GET", ["images"]) => Page(request, "images", HetznerFakeCatalog.Images()),
                ("GET", ["locations"]) => Page(request, "locations", HetznerFakeCatalog.Locations.Select(HetznerFakeCatalog.Location)),
                ("GET", ["ssh_keys"]) => Page(request, "ssh_keys", [HetznerFakeCatalog.Key()]),
                ("GET", ["pricing"]) => FakeReply.Json(200, HetznerFakeCatalog.Pricing()),
                ("GET", ["firewalls"]) => Page(request, "firewalls", _firewalls.Values),
                ("POST", ["firewalls"]) => CreateFirewall(request),
                ("POST", ["firewalls", var id, "actions", "set_rules"]) =>
                    ChangeFirewall(id, firewall => firewall["rules"] = Rules(request)),
                ("POST", ["firewalls", var id, "actions", "remove_from_resources"]) =>
                    ChangeFirewall(id, firewall => firewall["applied_to"] = new JsonArray()),
                ("DELETE", ["firewalls", var id]) => DeleteFirewall(id),
                _ => NotFound,
            };
        }
    }

    private static FakeReply NotFound => Error(404, "not_found", "the resource was not found");

    private FakeReply Create(FakeRequest request)
    {
        var (name, type, location) = (request.Text("name")!, request.Text("server_type")!, request.Text("location") ?? "fsn1");
        var image = request.Text("image")!;
        if (Account.All.Any(i => i.Name == name))
        {
            return Error(409, "uniqueness_error", "server name is already used");
        }

        if (!HetznerFakeCatalog.TypeNames.Contains(type) || !HetznerFakeCatalog.Locations.Contains(location))
        {
            return Error(422, "invalid_input", "unsupported server type or location");
        }

        if (HetznerFakeCatalog.Images().All(i => (string?)i["name"] != image && i["id"]!.ToString() != image))
        {
            return Error(404, "not_found", "image not found");
        }

        if (request.Text("user_data") is { } userData && System.Text.Encoding.UTF8.GetByteCount(userData) > 32 * 1024)
        {
            return Error(422, "invalid_input", $"invalid input in field 'user_data': {userData}");
        }

        if (Account.Full.Contains($"{location}/{type}"))
        {
            return Error(
                412, "resource_unavailable",
                "we are unable to provision servers for this location, try with a different location or try later");
        }

        if (Account.Billed.Count >= Account.Quota)
        {
            return Error(403, "resource_limit_exceeded", "server limit exceeded");
        }

        var labels = (request.Body["labels"] as JsonObject ?? []).ToDictionary(l => l.Key, l => l.Value!.GetValue<string>());
        var made = Account.Add(
            new FakeInstance(0, name, location, type, Account.Now, labels) { UserData = request.Text("user_data") }, byRequest: true);
        return FakeReply.Json(201, new JsonObject
        {
            ["server"] = Server(made),
            ["action"] = Action("create_server", made.Id, NextActionFails),
            ["next_actions"] = new JsonArray(Action("start_server", made.Id, "")),
            ["root_password"] = "r00t-of-the-fake-server",
        });
    }

    private FakeReply Delete(string id)
    {
        if (Account.Find(id) is not { } found)
        {
            return NotFound;
        }

        Account.Change(found.Id, i => i with { DeletedAt = i.DeletedAt ?? Account.Now });
        return FakeReply.Json(200, new JsonObject { ["action"] = Action("delete_server", found.Id, "") });
    }

    private FakeReply Rebuild(string id, FakeRequest request)
    {
        if (Account.Find(id) is not { } found)
        {
            return NotFound;
        }

        Account.Change(found.Id, i => i with { Rebuilt = i.Rebuilt + 1, UserData = request.Text("user_data") });
        return FakeReply.Json(201, new JsonObject { ["action"] = Action("rebuild_server", found.Id, ""), ["root_password"] = null });
    }

    private FakeReply CreateFirewall(FakeRequest request)
    {
        if (_firewalls.Values.Any(f => (string?)f["name"] == request.Text("name")))
        {
            return Error(409, "uniqueness_error", "firewall name is already used");
        }

        var firewall = new JsonObject
        {
            ["id"] = ++_lastId,
            ["name"] = request.Text("name"),
            ["created"] = Account.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            ["labels"] = request.Body["labels"]?.DeepClone() ?? new JsonObject(),
            ["rules"] = Rules(request),
            ["applied_to"] = request.Body["apply_to"]?.DeepClone() ?? new JsonArray(),
        };
        _firewalls[_lastId] = firewall;
        return FakeReply.Json(201, new JsonObject { ["firewall"] = firewall.DeepClone(), ["actions"] = new JsonArray() });
    }

    private FakeReply ChangeFirewall(string id, Action<JsonObject> change)
    {
        if (!_firewalls.TryGetValue(long.Parse(id, CultureInfo.InvariantCulture), out var firewall))
        {
            return NotFound;
        }

        change(firewall);
        return FakeReply.Json(201, new JsonObject { ["actions"] = new JsonArray() });
    }

    private FakeReply DeleteFirewall(string id)
    {
        var number = long.Parse(id, CultureInfo.InvariantCulture);
        if (!_firewalls.TryGetValue(number, out var firewall))
        {
            return NotFound;
        }

        if (firewall["applied_to"]!.AsArray().Count > 0)
        {
            return Error(409, "resource_in_use", "firewall is still in use");
        }

        _firewalls.Remove(number);
        return FakeReply.Empty;
    }

    private static JsonArray Rules(FakeRequest request) => new([.. request.Body["rules"]!.AsArray().Select(r =>
    {
        var rule = r!.DeepClone().AsObject();
        rule.TryAdd("source_ips", new JsonArray());
        rule.TryAdd("destination_ips", new JsonArray());
        rule.TryAdd("port", null);
        return rule;
    })]);

    private JsonObject Action(string command, long server, string error)
    {
        var action = new JsonObject
        {
            ["id"] = ++_lastId,
            ["command"] = command,
            ["status"] = error.Length > 0 ? "error" : "success",
            ["progress"] = 100,
            ["started"] = Account.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            ["finished"] = Account.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            ["resources"] = new JsonArray(new JsonObject { ["id"] = server, ["type"] = "server" }),
            ["error"] = error.Length > 0 ? new JsonObject { ["code"] = error, ["message"] = "error during placement" } : null,
        };
        _actions[_lastId] = action;
        if (error.Length > 0)
        {
            // As Hetzner does: the answer of success says "running", and the failure comes later.
            NextActionFails = "";
            var running = action.DeepClone().AsObject();
            (running["status"], running["error"], running["finished"], running["progress"]) = ("running", null, null, 0);
            return running;
        }

        return action.DeepClone().AsObject();
    }

    private static JsonNode Ended(JsonObject action) => action.DeepClone();

    private JsonObject Server(FakeInstance instance) => new()
    {
        ["id"] = instance.Id,
        ["name"] = instance.Name,
        ["status"] = instance.DeletedAt is not null
            ? "deleting"
            : instance.HeldStatus ?? (Account.IsStarting(instance) ? "initializing" : "running"),
        ["created"] = instance.Created.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        ["labels"] = new JsonObject(instance.Marks.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        ["public_net"] = new JsonObject
        {
            ["ipv4"] = new JsonObject
            {
                ["ip"] = string.Create(CultureInfo.InvariantCulture, $"198.18.{instance.Id / 250 % 250}.{(instance.Id % 250) + 1}"),
                ["blocked"] = false,
                ["dns_ptr"] = "a.example",
            },
            ["ipv6"] = new JsonObject
            {
                ["ip"] = string.Create(CultureInfo.InvariantCulture, $"2001:db8:{instance.Id:x}::/64"),
                ["blocked"] = false,
                ["dns_ptr"] = new JsonArray(),
            },
            ["floating_ips"] = new JsonArray(),
            ["firewalls"] = new JsonArray(),
        },
        ["private_net"] = new JsonArray(),
        ["server_type"] = HetznerFakeCatalog.Type(instance.Type),
        ["location"] = HetznerFakeCatalog.Location(instance.Place),
        ["image"] = null,
        ["iso"] = null,
        ["backup_window"] = null,
        ["included_traffic"] = 0,
        ["ingoing_traffic"] = 0,
        ["outgoing_traffic"] = 0,
        ["locked"] = false,
        ["primary_disk_size"] = 40,
        ["protection"] = new JsonObject { ["delete"] = false, ["rebuild"] = false },
        ["rescue_enabled"] = false,
        ["volumes"] = new JsonArray(),
        ["load_balancers"] = new JsonArray(),
    };

    private static FakeReply Page(FakeRequest request, string key, IEnumerable<JsonObject> all)
    {
        var (number, size) = (request.Number("page", 1), request.Number("per_page", 25));
        var matching = all.Where(o => Matches(o, request.Query)).ToList();
        var last = Math.Max(1, (matching.Count + size - 1) / size);
        return FakeReply.Json(200, new JsonObject
        {
            [key] = new JsonArray([.. matching.Skip((number - 1) * size).Take(size).Select(o => o.DeepClone())]),
            ["meta"] = new JsonObject
            {
                ["pagination"] = new JsonObject
                {
                    ["page"] = number,
                    ["per_page"] = size,
                    ["previous_page"] = number > 1 ? number - 1 : null,
                    ["next_page"] = number < last ? number + 1 : null,
                    ["last_page"] = last,
                    ["total_entries"] = matching.Count,
                },
            },
        });
    }

    private static bool Matches(JsonObject candidate, IReadOnlyDictionary<string, string> query) =>
        (!query.TryGetValue("name", out var name) || (string?)candidate["name"] == name)
        && (!query.TryGetValue("label_selector", out var selector)
            || selector.Split(',')
                .All(part => Term().Match(part) is { Success: true } term
                    && (string?)candidate["labels"]?[term.Groups[1].Value] == term.Groups[2].Value));

    [GeneratedRegex("^([^=]+)==?(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Term();
}
