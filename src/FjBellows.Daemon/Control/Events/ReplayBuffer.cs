using System.Threading.Channels;

namespace FjBellows.Daemon.Control.Events;

/// <summary>The last things that happened, numbered, on shelves of bounded weight, and whoever reads on. Adding never waits for a reader:
/// one that does not keep up is dropped, and comes back with the number that it saw last (invariant R8).</summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="shelf">The shelf that a thing belongs to.</param>
/// <param name="weight">A thing's weight.</param>
/// <param name="shelfWeight">The most that lies on a shelf; its oldest things make way.</param>
/// <param name="shelves">The most shelves; the one that was added to longest ago makes way.</param>
internal sealed class ReplayBuffer<T>(Func<T, string> shelf, Func<T, int> weight, int shelfWeight, int shelves)
{
    /// <summary>How many things may wait for a reader.</summary>
    public const int ReaderCapacity = 512;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Partition> _shelves = new(StringComparer.Ordinal);
    private readonly List<StreamReader<T>> _readers = [];
    private long _last;

    /// <summary>How many readers there are.</summary>
    public int Readers
    {
        get
        {
            lock (_gate)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Adds a thing.</summary>
    /// <param name="item">The thing.</param>
    public void Add(T item)
    {
        lock (_gate)
        {
            var numbered = new Numbered<T>(++_last, item);
            Put(shelf(item), numbered);
            for (var i = _readers.Count - 1; i >= 0; i--)
            {
                if (!_readers[i].Offer(numbered))
                {
                    _readers.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>What is kept, oldest first.</summary>
    /// <param name="after">The number before the first wanted one.</param>
    /// <param name="wanted">Chooses.</param>
    public IReadOnlyList<Numbered<T>> Since(long after, Func<T, bool> wanted)
    {
        lock (_gate)
        {
            return Kept(after, wanted);
        }
    }

    /// <summary>What is kept and what comes, without a gap or a repetition between them.</summary>
    /// <param name="after">The number before the first wanted one.</param>
    /// <param name="wanted">Chooses.</param>
    /// <returns>The reader, to be disposed of.</returns>
    public StreamReader<T> Subscribe(long after, Func<T, bool> wanted)
    {
        lock (_gate)
        {
            var reader = new StreamReader<T>(Kept(after, wanted), wanted, Leave);
            _readers.Add(reader);
            return reader;
        }
    }

    private Numbered<T>[] Kept(long after, Func<T, bool> wanted) =>
        [.. _shelves.Values.SelectMany(s => s.Things).Where(n => n.Number > after && wanted(n.Item)).OrderBy(n => n.Number)];

    private void Put(string name, Numbered<T> numbered)
    {
        if (_shelves.TryGetValue(name, out var place))
        {
            // To the end: the first shelf is always the one that nothing was added to for longest.
            if (_shelves.GetAt(_shelves.Count - 1).Key != name)
            {
                _shelves.Remove(name);
                _shelves.Add(name, place);
            }
        }
        else
        {
            place = new Partition();
            _shelves.Add(name, place);
            if (_shelves.Count > shelves)
            {
                _shelves.RemoveAt(0);
            }
        }

        place.Things.Enqueue(numbered);
        place.Weight += weight(numbered.Item);
        while (place.Weight > shelfWeight && place.Things.Count > 1)
        {
            place.Weight -= weight(place.Things.Dequeue().Item);
        }
    }

    private void Leave(StreamReader<T> reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
        }
    }

    private sealed class Partition
    {
        public Queue<Numbered<T>> Things { get; } = new();

        public int Weight { get; set; }
    }
}

/// <summary>One reader of a <see cref="ReplayBuffer{T}"/>.</summary>
/// <typeparam name="T">What is read.</typeparam>
internal sealed class StreamReader<T> : IDisposable
{
    private readonly Channel<Numbered<T>> _channel = Channel.CreateBounded<Numbered<T>>(
        new BoundedChannelOptions(ReplayBuffer<T>.ReaderCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CancellationTokenSource _dropped = new();
    private readonly Func<T, bool> _wanted;
    private readonly Action<StreamReader<T>> _leave;

    internal StreamReader(IReadOnlyList<Numbered<T>> backlog, Func<T, bool> wanted, Action<StreamReader<T>> leave)
    {
        Backlog = backlog;
        _wanted = wanted;
        _leave = leave;
    }

    /// <summary>What was kept when it began, oldest first.</summary>
    public IReadOnlyList<Numbered<T>> Backlog { get; }

    /// <summary>What came since. Ends when the reader did not keep up.</summary>
    public ChannelReader<Numbered<T>> Live => _channel.Reader;

    /// <summary>Cancelled when the reader did not keep up.</summary>
    public CancellationToken Dropped => _dropped.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        _leave(this);
        _dropped.Dispose();
    }

    internal bool Offer(Numbered<T> numbered)
    {
        if (!_wanted(numbered.Item) || _channel.Writer.TryWrite(numbered))
        {
            return true;
        }

        _channel.Writer.TryComplete();
        _ = _dropped.CancelAsync();
        return false;
    }
}
