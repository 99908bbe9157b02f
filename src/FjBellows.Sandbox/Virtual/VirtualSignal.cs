namespace FjBellows.Sandbox.Virtual;

/// <summary>Something that happens once. Who waits is resumed by the clock, in a turn of his own: a task completed by whoever changes the
/// world may go on on another thread, and virtual time has only one.</summary>
/// <typeparam name="T">What happened.</typeparam>
/// <param name="clock">The world's clock.</param>
internal sealed class VirtualSignal<T>(VirtualClock clock)
{
    private readonly List<Action<T>> _waiting = [];
    private T _value = default!;

    /// <summary>True once it has happened.</summary>
    public bool IsSet { get; private set; }

    /// <summary>Completes when it happens.</summary>
    public Task<T> WaitAsync()
    {
        var source = new TaskCompletionSource<T>();
        Then(value => source.TrySetResult(value));
        return source.Task;
    }

    /// <summary>Runs something when it happens.</summary>
    /// <param name="action">What to run.</param>
    public void Then(Action<T> action)
    {
        if (IsSet)
        {
            clock.Post(() => action(_value));
        }
        else
        {
            _waiting.Add(action);
        }
    }

    /// <summary>Lets it happen; the first time counts.</summary>
    /// <param name="value">What happened.</param>
    public void Set(T value)
    {
        if (IsSet)
        {
            return;
        }

        (IsSet, _value) = (true, value);
        foreach (var action in _waiting)
        {
            clock.Post(() => action(value));
        }

        _waiting.Clear();
    }
}
