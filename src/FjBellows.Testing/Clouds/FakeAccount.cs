namespace FjBellows.Testing.Clouds;

/// <summary>The instances of a fake cloud's account. States follow the clock and are worked out when somebody asks.</summary>
/// <param name="time">The cloud's clock.</param>
public sealed class FakeAccount(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, FakeInstance> _instances = [];
    private long _lastId = 1000;

    /// <summary>How long an instance starts.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a deletion takes.</summary>
    public TimeSpan DeleteTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many instances the account may own.</summary>
    public int Quota { get; set; } = 5000;

    /// <summary>Places without capacity.</summary>
    public HashSet<string> Full { get; } = [];

    /// <summary>How many instances were created by requests.</summary>
    public int Created { get; private set; }

    /// <summary>The cloud's time.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Every instance there is, those being deleted among them.</summary>
    public IReadOnlyList<FakeInstance> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _instances.Values.Where(i => i.DeletedAt is not { } at || Now < at + DeleteTime)];
            }
        }
    }

    /// <summary>Every instance that is billed on.</summary>
    public IReadOnlyList<FakeInstance> Billed => [.. All.Where(i => i.DeletedAt is null)];

    /// <summary>Adds an instance.</summary>
    /// <param name="instance">The instance; it gets an id.</param>
    /// <param name="byRequest">True when a request created it.</param>
    public FakeInstance Add(FakeInstance instance, bool byRequest)
    {
        lock (_gate)
        {
            var added = instance with { Id = ++_lastId };
            _instances[added.Id] = added;
            Created += byRequest ? 1 : 0;
            return added;
        }
    }

    /// <summary>An instance; null when there is none.</summary>
    public FakeInstance? Find(string id) => All.FirstOrDefault(i => i.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == id);

    /// <summary>Changes an instance.</summary>
    public void Change(long id, Func<FakeInstance, FakeInstance> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            _instances[id] = change(_instances[id]);
        }
    }

    /// <summary>True while an instance starts.</summary>
    public bool IsStarting(FakeInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return Now - instance.Created < StartTime;
    }
}
