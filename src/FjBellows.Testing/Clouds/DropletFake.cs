using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Testing.Clouds;

/// <summary>A stand-in for DigitalOcean's API: names repeat, and tags are attached a while after a droplet was created.</summary>
/// <param name="time">Its clock.</param>
/// <param name="token">The one token it accepts.</param>
public sealed class DropletFake(TimeProvider time, string token) : FakeCloud("/v2", token, time)
{
    private static readonly string[] Regions = ["nyc1", "nyc3", "fra1"];
    private static readonly Dictionary<string, decimal> Sizes =
        new() { ["s-1vcpu-1gb"] = 0.00893m, ["s-2vcpu-4gb"] = 0.03571m, ["gpu-h100x1-80gb"] = 3.39m };

    /// <summary>What the account owns.</summary>
    public FakeAccount Account { get; } = new(time);

    /// <summary>How long tags are on their way to a new droplet.</summary>
    public TimeSpan TaggingTime { get; set; }

    /// <inheritdoc />
    protected override FakeReply Unauthorized => Error(401, "Unauthorized", "Unable to authenticate you");

    private static FakeReply NotFound => Error(404, "not_found", "The resource you requested could not be found.");

    /// <summary>An answer of refusal.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="id">DigitalOcean's code.</param>
    /// <param name="message">Its sentence.</param>
    public static FakeReply Error(int status, string id, string message) =>
        FakeReply.Json(status, new JsonObject { ["id"] = id, ["message"] = message });

    /// <inheritdoc />
    protected override FakeReply Act(FakeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (request.Method, request.Segments) switch
        {
            ("GET", ["droplets"]) => Page(request, "droplets", Account.Billed.Where(i => IsShown(i, request)).Select(Droplet)),
            ("POST", ["droplets"]) => Create(request),
            ("GET", ["droplets", var id]) =>
                Find(id) is { } found ? FakeReply.Json(200, new JsonObject { ["droplet"] = Droplet(found) }) : NotFound,
            ("DELETE", ["droplets", var id]) => Delete(id),
            ("GET", ["sizes"]) => Page(request, "sizes", Sizes.Keys.Select(Size)),
            ("GET", ["regions"]) => Page(request, "regions", Regions.Select(Region)),
            ("GET", ["images", var slug]) when slug is "debian-12-x64" => FakeReply.Json(200, new JsonObject { ["image"] = Image() }),
            ("GET", ["account"]) => FakeReply.Json(200, new JsonObject
            {
                ["account"] = new JsonObject
                {
                    ["droplet_limit"] = Account.Quota,
                    ["floating_ip_limit"] = 3,
                    ["email"] = "ops@example.org",
                    ["uuid"] = "b6fr89dbf6d9156cace5f3c78dc9851d957381ef",
                    ["email_verified"] = true,
                    ["status"] = "active",
                    ["status_message"] = "",
                },
            }),
            _ => NotFound,
        };
    }

    private FakeInstance? Find(string id) => Account.Billed.FirstOrDefault(i => i.Id.ToString(CultureInfo.InvariantCulture) == id);

    private bool IsShown(FakeInstance instance, FakeRequest request)
    {
        var gpu = instance.Type.StartsWith("gpu-", StringComparison.Ordinal);
        return gpu == (request.Query.GetValueOrDefault("type") == "gpus")
            && (!request.Query.TryGetValue("name", out var name) || instance.Name == name)
            && (!request.Query.TryGetValue("tag_name", out var tag) || TagsOf(instance).Contains(tag, StringComparer.Ordinal));
    }

    private IEnumerable<string> TagsOf(FakeInstance instance) => Account.Now - instance.Created < TaggingTime ? [] : instance.Marks.Values;

    private FakeReply Create(FakeRequest request)
    {
        var size = request.Text("size")!;
        var region =
            Regions.FirstOrDefault(
                r => r.StartsWith(request.Text("region") ?? "", StringComparison.Ordinal) && !Account.Full.Contains($"{r}/{size}"));
        if (request.Body["image"]!.ToString() != "debian-12-x64")
        {
            return Error(422, "unprocessable_entity", "You specified an invalid image for Droplet creation.");
        }

        if (!Sizes.ContainsKey(size))
        {
            return Error(422, "unprocessable_entity", "You specified an invalid size for Droplet creation.");
        }

        if (Account.Billed.Count >= Account.Quota)
        {
            return Error(422, "unprocessable_entity", "creating this/these droplet(s) will exceed your droplet limit");
        }

        if (region is null)
        {
            return Error(422, "unprocessable_entity", "This size is currently unavailable in this region");
        }

        var tags = request.Body["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ToList();
        var made = Account.Add(
            new FakeInstance(
                0, request.Text("name")!, region, size, Account.Now, tags.ToDictionary(t => t))
            { UserData = request.Text("user_data") },
            byRequest: true);
        return FakeReply.Json(
            202, new JsonObject { ["droplet"] = Droplet(made), ["links"] = new JsonObject { ["actions"] = new JsonArray() } });
    }

    private FakeReply Delete(string id)
    {
        if (Find(id) is not { } found)
        {
            return NotFound;
        }

        Account.Change(found.Id, i => i with { DeletedAt = Account.Now });
        return FakeReply.Empty;
    }

    private JsonObject Droplet(FakeInstance instance)
    {
        var starting = Account.IsStarting(instance);
        return new JsonObject
        {
            ["id"] = instance.Id,
            ["name"] = instance.Name,
            ["memory"] = 1024,
            ["vcpus"] = 1,
            ["disk"] = 25,
            ["locked"] = false,
            ["status"] = instance.HeldStatus ?? (starting ? "new" : "active"),
            ["created_at"] = instance.Created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["features"] = new JsonArray(),
            ["backup_ids"] = new JsonArray(),
            ["next_backup_window"] = null,
            ["snapshot_ids"] = new JsonArray(),
            ["image"] = Image(),
            ["volume_ids"] = new JsonArray(),
            ["size"] = Size(instance.Type),
            ["size_slug"] = instance.Type,
            ["networks"] = new JsonObject
            {
                ["v4"] = starting
                    ? new JsonArray()
                    : new JsonArray(
                        Address($"10.10.0.{(instance.Id % 250) + 1}", "private"), Address($"198.18.0.{(instance.Id % 250) + 1}", "public")),
                ["v6"] = new JsonArray(),
            },
            ["region"] = Region(instance.Place),
            ["tags"] = new JsonArray([.. TagsOf(instance).Select(t => (JsonNode)t)]),
        };

        static JsonObject Address(string ip, string type) => new()
        {
            ["ip_address"] = ip,
            ["netmask"] = "255.255.240.0",
            ["gateway"] = type == "private" ? null : "198.18.0.1",
            ["type"] = type,
        };
    }

    private static JsonObject Size(string slug) => new()
    {
        ["slug"] = slug,
        ["memory"] = 1024,
        ["vcpus"] = 1,
        ["disk"] = 25,
        ["transfer"] = 1.0,
        ["price_monthly"] = 6.0,
        ["price_hourly"] = Sizes[slug],
        ["regions"] = new JsonArray([.. Regions.Select(r => (JsonNode)r)]),
        ["available"] = true,
        ["description"] = "Basic",
    };

    private static JsonObject Region(string slug) => new()
    {
        ["name"] = slug.ToUpperInvariant(),
        ["slug"] = slug,
        ["features"] = new JsonArray("metadata"),
        ["available"] = true,
        ["sizes"] = new JsonArray([.. Sizes.Keys.Select(s => (JsonNode)s)]),
    };

    private static JsonObject Image() => new()
    {
        ["id"] = 7555620,
        ["name"] = "12 x64",
        ["type"] = "base",
        ["distribution"] = "Debian",
        ["slug"] = "debian-12-x64",
        ["public"] = true,
        ["regions"] = new JsonArray([.. Regions.Select(r => (JsonNode)r)]),
        ["created_at"] = "2026-05-05T22:49:22Z",
        ["min_disk_size"] = 7,
        ["size_gigabytes"] = 2.34,
        ["description"] = "",
        ["tags"] = new JsonArray(),
        ["status"] = "available",
    };

    private FakeReply Page(FakeRequest request, string key, IEnumerable<JsonObject> all)
    {
        var (number, size) = (request.Number("page", 1), request.Number("per_page", 20));
        var list = all.ToList();
        var links = number * size < list.Count
            ? new JsonObject
            {
                ["pages"] = new JsonObject
                {
                    ["next"] = $"{ApiUrl}/{request.Path}?page={number + 1}&per_page={size}",
                    ["last"] = $"{ApiUrl}/{request.Path}?page={(list.Count + size - 1) / size}&per_page={size}",
                },
            }
            : [];
        return FakeReply.Json(200, new JsonObject
        {
            [key] = new JsonArray([.. list.Skip((number - 1) * size).Take(size)]),
            ["links"] = links,
            ["meta"] = new JsonObject { ["total"] = list.Count },
        });
    }
}
