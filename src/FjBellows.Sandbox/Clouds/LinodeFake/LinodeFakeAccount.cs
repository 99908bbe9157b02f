using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FjBellows.Sandbox.Clouds;

/// <summary>The instances of the stand-in's account. States follow the clock and are worked out when somebody asks.</summary>
public sealed partial class LinodeFakeAccount
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, LinodeFakeInstance> _instances = [];
    private readonly LinodeFakeOptions _options;
    private readonly LinodeFakeFaults _faults;
    private readonly TimeProvider _time;
    private long _lastId = 1000;

    internal LinodeFakeAccount(LinodeFakeOptions options, LinodeFakeFaults faults, TimeProvider time)
    {
        _options = options;
        _faults = faults;
        _time = time;
        Networks = new LinodeFakeNetworks(this, _gate, options, time);
    }

    /// <summary>Every instance that is billed: those being deleted are not among them.</summary>
    public IReadOnlyList<LinodeFakeInstance> Instances => [.. Alive().Where(i => i.DeletedAt is null)];

    /// <summary>How many instances were ever created by a request.</summary>
    public int Bought { get; private set; }

    /// <summary>How many deletions were accepted for each id.</summary>
    public IReadOnlyDictionary<long, int> Deletions
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<long, int>(_deletions);
            }
        }
    }

    internal LinodeFakeNetworks Networks { get; }

    private readonly Dictionary<long, int> _deletions = [];

    /// <summary>Puts an instance into the account that no one created through the API.</summary>
    public LinodeFakeInstance Seed(string label, params string[] tags) =>
        Add(new LinodeFakeInstance(0, label, "us-ord", "g6-standard-2", "", _time.GetUtcNow() - TimeSpan.FromDays(1), tags, ""));

    /// <summary>Locks an instance against deletion.</summary>
    /// <param name="locks">The locks; none unlocks it.</param>
    public void Lock(long id, params string[] locks) => Change(id, i => i with { Locks = locks });

    /// <summary>Holds an instance in a state, or lets it follow the clock again.</summary>
    /// <param name="status">Linode's word for the state; null for none.</param>
    public void Hold(long id, string? status) => Change(id, i => i with { HeldStatus = status });

    /// <summary>Renames an instance.</summary>
    /// <param name="label">Its new label.</param>
    public void Rename(long id, string label) => Change(id, i => i with { Label = label });

    internal long NextId() => Interlocked.Increment(ref _lastId);

    internal IReadOnlyList<LinodeFakeInstance> Alive()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return [.. _instances.Values.Where(i => i.DeletedAt is not { } at || now < at + _options.DeleteTime)
                .Select(i => i with { Status = StatusOf(i, now) })];
        }
    }

    internal LinodeFakeInstance? Find(long id) => Alive().FirstOrDefault(i => i.Id == id);

    internal LinodeFakeReply List(LinodeFakeRequest request)
    {
        var shown = Alive().Where(i => _time.GetUtcNow() - i.Created >= _faults.HiddenFromLists);
        return request.PageOf(shown.Select(LinodeFakeJson.Instance), _faults.IgnoreFilters);
    }

    internal LinodeFakeReply Get(long id) =>
        Find(id) is { } found ? LinodeFakeReply.Ok(LinodeFakeJson.Instance(found)) : LinodeFakeReply.NotFound;

    internal async Task<LinodeFakeReply> CreateAsync(LinodeFakeRequest request, CancellationToken cancellationToken)
    {
        LinodeFakeInstance made;
        lock (_gate)
        {
            if (Refuse(request) is { } refusal)
            {
                return refusal;
            }

            made = Add(Read(request));
            Bought++;
        }

        if (_options.OnCreate is { } onCreate && await onCreate(made, cancellationToken).ConfigureAwait(false) is { } address)
        {
            Change(made.Id, i => i with { Address = address });
        }

        return Get(made.Id);
    }

    internal async Task<LinodeFakeReply> DeleteAsync(long id, CancellationToken cancellationToken)
    {
        LinodeFakeInstance? found;
        lock (_gate)
        {
            found = Find(id);
            if (found is null)
            {
                return LinodeFakeReply.NotFound;
            }

            if (found.Locks.Count > 0)
            {
                return LinodeFakeReply.Error(400, "This Linode is locked and cannot be deleted.");
            }

            if (found.Status is "cloning" or "restoring")
            {
                return LinodeFakeReply.Error(400, "Linode busy.");
            }

            if (found.DeletedAt is null)
            {
                _instances[id] = _instances[id] with { DeletedAt = _time.GetUtcNow() };
                _deletions[id] = _deletions.GetValueOrDefault(id) + 1;
            }
        }

        if (_options.OnDelete is { } onDelete)
        {
            await onDelete(found, cancellationToken).ConfigureAwait(false);
        }

        return LinodeFakeReply.Empty;
    }

    private string StatusOf(LinodeFakeInstance instance, DateTimeOffset now)
    {
        var age = now - instance.Created;
        return instance.DeletedAt is not null ? "deleting"
            : instance.HeldStatus ?? (age < _options.ProvisioningTime ? "provisioning"
            : age < _options.ProvisioningTime + _options.BootTime ? "booting"
            : "running");
    }

    private LinodeFakeInstance Add(LinodeFakeInstance instance)
    {
        lock (_gate)
        {
            var id = NextId();
            var address = string.Create(CultureInfo.InvariantCulture, $"198.18.{id / 250 % 250}.{(id % 250) + 1}");
            var added = instance with { Id = id, Address = instance.Address.Length > 0 ? instance.Address : address };
            return _instances[id] = added with { Status = StatusOf(added, _time.GetUtcNow()) };
        }
    }

    private void Change(long id, Func<LinodeFakeInstance, LinodeFakeInstance> change)
    {
        lock (_gate)
        {
            _instances[id] = change(_instances[id]);
        }
    }

    private LinodeFakeInstance Read(LinodeFakeRequest request)
    {
        // Linode keeps whole seconds.
        var now = DateTimeOffset.FromUnixTimeSeconds(_time.GetUtcNow().ToUnixTimeSeconds());
        var userData = request.Body["metadata"]?["user_data"]?.GetValue<string>();
        return new LinodeFakeInstance(
            0, request.Text("label") ?? $"linode{_lastId + 1}", request.Text("region")!, request.Text("type")!, "", now,
            Strings(request, "tags"), "")
        {
            UserData = userData is null ? null : Encoding.UTF8.GetString(Convert.FromBase64String(userData)),
            AuthorizedKeys = Strings(request, "authorized_keys"),
            RootPass = request.Text("root_pass") ?? "",
            FirewallId = request.Body["firewall_id"]?.GetValue<long>(),
            GroupId = request.Body["placement_group"]?["id"]?.GetValue<long>(),
            SubnetId = request.Body["interfaces"]?[0]?["subnet_id"]?.GetValue<long>(),
        };
    }

    private LinodeFakeReply? Refuse(LinodeFakeRequest request)
    {
        var (label, region, type, image) =
            (request.Text("label") ?? "", request.Text("region") ?? "", request.Text("type") ?? "", request.Text("image") ?? "");
        var userData = request.Body["metadata"]?["user_data"]?.GetValue<string>();
        return !LinodeFakeCatalog.Regions.TryGetValue(region, out var capabilities)
            ? LinodeFakeReply.Error(400, "region is not valid", "region")
            : !LinodeFakeCatalog.Types.ContainsKey(type) ? LinodeFakeReply.Error(400, "A valid plan type by that ID was not found", "type")
            : !LinodeFakeCatalog.Images.TryGetValue(image, out var imageCapabilities)
                ? LinodeFakeReply.Error(400, "image is not valid", "image")
            : label.Length is < 3 or > 64
                || !LabelForm().IsMatch(label)
                    ? LinodeFakeReply.Error(400, "Label must be 3 to 64 letters, digits, hyphens, underscores or periods", "label")
            : Alive().Any(i => i.Label == label) ? LinodeFakeReply.Error(400, "Label must be unique among your linodes", "label")
            : Strings(request, "tags").Any(t => t.Length is < 3 or > 50)
                ? LinodeFakeReply.Error(400, "Tags must be 3 to 50 characters", "tags")
            : (request.Text("root_pass") ?? "").Length < 11
                ? LinodeFakeReply.Error(400, "Password does not meet strength requirements", "root_pass")
            : userData is not null && !imageCapabilities.Contains("cloud-init")
                ? LinodeFakeReply.Error(400, "Image does not support cloud-init", "metadata.user_data")
            : userData is not null && !capabilities.Contains("Metadata")
                ? LinodeFakeReply.Error(400, "Region does not support the metadata service", "metadata.user_data")
            : userData?.Length > 65535 ? LinodeFakeReply.Error(400, "Unencoded data must not exceed 65535 bytes", "metadata.user_data")
            : Networks.Refuse(request, region)
            ?? (_faults.IsSoldOut(region, type)
                ? LinodeFakeReply.Error(
                    _faults.SoldOutStatus,
                    "The Linode plan you chose is not currently available in the selected region. Please select another region or plan " +
                    "type, or contact Support for assistance.", "region")
            : Instances.Count >= _options.Quota ? LinodeFakeReply.Error(400, "Account Limit reached. Please open a support ticket.")
            : null);
    }

    private static string[] Strings(LinodeFakeRequest request, string key) =>
        request.Body[key] is JsonArray values ? [.. values.Select(v => v!.GetValue<string>())] : [];

    [GeneratedRegex(@"^[a-zA-Z]((?!--|__|\.\.)[a-zA-Z0-9-_.])+$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelForm();
}
