using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FjBellows.Sandbox.Forge;

/// <summary>What a stand-in starts with.</summary>
public sealed record ForgeStateOptions
{
    /// <summary>The accounts that may call the REST API.</summary>
    public IReadOnlyList<ForgeAccount> Accounts { get; init; } = [];

    /// <summary>Which Forgejo it is.</summary>
    public ForgeRelease Release { get; init; }

    /// <summary>Source of uuids and tokens; null for the system's. A seeded one makes a run repeatable.</summary>
    public Random? Random { get; init; }

    /// <summary>The oldest silence after which <see cref="ForgeState.Sweep"/> fails a running job.</summary>
    public TimeSpan ZombieAfter { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Forgejo's Actions queue and runner registrations, without HTTP: rules only. Every member may be called from any thread; all
/// of them are quick and none blocks.</summary>
/// <remarks>The rules follow Forgejo 15 and 16: the queue lists waiting and running jobs, a job goes to the runner whose labels cover it,
/// an ephemeral runner gets one task in its life and its row goes with that task's end.</remarks>
public sealed partial class ForgeState
{
    private readonly Lock _gate = new();
    private readonly ForgeStateOptions _options;
    private readonly TimeProvider _time;
    private readonly ForgeSnapshot _data;
    private readonly Dictionary<long, RunRow> _runs;
    private readonly Dictionary<long, JobRow> _jobs;
    private readonly SortedDictionary<long, JobRow> _open;
    private readonly Dictionary<long, TaskRow> _tasks;
    private readonly Dictionary<string, RunnerRow> _runners;
    private readonly Dictionary<long, RepositoryRow> _repositories;
    private readonly Dictionary<long, string> _repositoryNames;
    private readonly List<ForgeEvent> _happened = [];
    private long _version;

    /// <summary>An empty instance.</summary>
    /// <param name="options">What it starts with.</param>
    /// <param name="time">Its clock; the system's when null.</param>
    public ForgeState(ForgeStateOptions? options = null, TimeProvider? time = null)
        : this(options ?? new ForgeStateOptions(), time ?? TimeProvider.System, new ForgeSnapshot())
    {
    }

    private ForgeState(ForgeStateOptions options, TimeProvider time, ForgeSnapshot data)
    {
        (_options, _time, _data) = (options, time, data);
        _runs = data.Runs.ToDictionary(r => r.Id);
        _jobs = data.Jobs.ToDictionary(j => j.Id);
        _open = new SortedDictionary<long, JobRow>(data.Jobs.Where(j => j.IsOpen).ToDictionary(j => j.Id));
        _tasks = data.Tasks.ToDictionary(t => t.Id);
        _runners = data.Runners.ToDictionary(r => r.Uuid, StringComparer.Ordinal);
        _repositories = data.Repositories.ToDictionary(r => r.Id);
        var owners = data.Owners.ToDictionary(o => o.Id, o => o.Name);
        _repositoryNames = data.Repositories.ToDictionary(r => r.Id, r => $"{owners[r.OwnerId]}/{r.Name}");
        foreach (var account in options.Accounts)
        {
            OwnerNamed(account.User, organization: false);
        }
    }

    /// <summary>Called for everything that happens, after the fact and outside the lock, on the thread that caused it.</summary>
    public event Action<ForgeEvent>? Happened;

    /// <summary>Grows with every change that a restarted stand-in must still know.</summary>
    internal long Version => Interlocked.Read(ref _version);

    /// <summary>Continues from what <see cref="Save()"/> wrote.</summary>
    /// <param name="saved">The saved bytes.</param>
    /// <param name="options">What it starts with besides.</param>
    /// <param name="time">Its clock; the system's when null.</param>
    /// <exception cref="InvalidDataException">The bytes are no state of this version.</exception>
    public static ForgeState Load(ReadOnlySpan<byte> saved, ForgeStateOptions? options = null, TimeProvider? time = null)
    {
        try
        {
            var data = JsonSerializer.Deserialize(saved, ForgeSnapshotJson.Default.ForgeSnapshot);
            return data is { Format: 1 }
                ? new ForgeState(options ?? new ForgeStateOptions(), time ?? TimeProvider.System, data)
                : throw new InvalidDataException(
                    "the stand-in's state was written by another version; delete it to start with an empty one");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException(
                $"the stand-in's state cannot be read ({broken.Message}); delete it to start with an empty one", broken);
        }
    }

    /// <summary>Everything known, for <see cref="Load"/>. It holds no token.</summary>
    public byte[] Save() => Save(out _);

    /// <summary>Makes an organisation, or adds owners to one.</summary>
    /// <param name="owners">Accounts that own it.</param>
    public void AddOrganization(string name, params IEnumerable<string> owners) => Change(() =>
    {
        var row = OwnerNamed(name, organization: true);
        row.Owners.AddRange(owners.Except(row.Owners).ToArray());
        return true;
    });

    internal byte[] Save(out long version)
    {
        lock (_gate)
        {
            version = _version;
            return JsonSerializer.SerializeToUtf8Bytes(_data, ForgeSnapshotJson.Default.ForgeSnapshot);
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private T Change<T>(Func<T> change)
    {
        ForgeEvent[] happened;
        T result;
        lock (_gate)
        {
            try
            {
                result = change();
            }
            finally
            {
                _version++;
                happened = [.. _happened];
                _happened.Clear();
            }
        }

        foreach (var e in happened)
        {
            Happened?.Invoke(e);
        }

        return result;
    }

    private void Tell(ForgeEventKind kind, JobRow? job, string? runner) =>
        _happened.Add(new ForgeEvent(_time.GetUtcNow(), kind, job is null ? null : View(job), runner));

    private OwnerRow OwnerNamed(string name, bool organization)
    {
        var row = _data.Owners.Find(o => o.Name == name);
        if (row is null)
        {
            row = new OwnerRow { Id = _data.NextOwnerId++, Name = name, IsOrganization = organization };
            _data.Owners.Add(row);
        }

        return row;
    }

    /// <summary>The repository <c>owner/name</c>, made when it is new; a new owner is an organisation.</summary>
    private RepositoryRow RepositoryNamed(string fullName)
    {
        var slash = fullName.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == fullName.Length - 1 || fullName.IndexOf('/', slash + 1) >= 0)
        {
            throw new ArgumentException($"'{fullName}' is no repository; write owner/name", nameof(fullName));
        }

        var owner = OwnerNamed(fullName[..slash], organization: true);
        var name = fullName[(slash + 1)..];
        var row = _data.Repositories.Find(r => r.OwnerId == owner.Id && r.Name == name);
        if (row is null)
        {
            row = new RepositoryRow { Id = _data.NextRepositoryId++, OwnerId = owner.Id, Name = name };
            _data.Repositories.Add(row);
            _repositories.Add(row.Id, row);
            _repositoryNames[row.Id] = fullName;
        }

        return row;
    }

    private string NewUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private string NewToken()
    {
        Span<byte> bytes = stackalloc byte[20];
        Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private void Fill(Span<byte> bytes)
    {
        if (_options.Random is { } random)
        {
            random.NextBytes(bytes);
        }
        else
        {
            RandomNumberGenerator.Fill(bytes);
        }
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
