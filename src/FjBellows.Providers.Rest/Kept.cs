using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Rest;

/// <summary>Things of one kind that a provider keeps around its workers, such as firewalls: each is found again by its name, made where it
/// is missing, and deleted when nothing uses it. Not for callers at once.</summary>
/// <typeparam name="T">A thing as the cloud describes it.</typeparam>
/// <param name="kind">What it is, for the log.</param>
/// <param name="idOf">Its id.</param>
/// <param name="nameOf">Its name.</param>
/// <param name="log">Takes what was made and deleted.</param>
public sealed class Kept<T>(string kind, Func<T, long> idOf, Func<T, string> nameOf, ILogger log)
    where T : class
{
    private readonly Dictionary<string, long> _ids = new(StringComparer.Ordinal);

    /// <summary>The thing of a name; null where there is none. Its id is remembered, and asked for first.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="byId">Looks it up by its id; null where that is not ours any more.</param>
    /// <param name="byName">Looks it up by its name.</param>
    public async Task<T?> FindAsync(string name, Func<long, Task<T?>> byId, Func<Task<T?>> byName)
    {
        ArgumentNullException.ThrowIfNull(byId);
        ArgumentNullException.ThrowIfNull(byName);
        if (_ids.TryGetValue(name, out var id) && await byId(id).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        _ids.Remove(name);
        return Remember(name, await byName().ConfigureAwait(false));
    }

    /// <summary>Makes the thing of a name. An answer that was lost is settled by the name (invariant W2).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">Asks the cloud for it.</param>
    /// <param name="byName">Looks it up by its name.</param>
    public async Task<T> MakeAsync(string name, Func<Task<T>> make, Func<Task<T?>> byName)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(byName);
        T? made;
        try
        {
            made = await make().ConfigureAwait(false);
            log.LogInformation("{Kind} {Name} ({Id}) made", kind, name, idOf(made));
        }
        catch (CloudException e) when (e.MayHaveTakenEffect)
        {
            made = await byName().ConfigureAwait(false);
            if (made is null)
            {
                throw;
            }
        }

        return Remember(name, made)!;
    }

    /// <summary>Deletes those that nothing uses; true when none is left.</summary>
    /// <param name="ours">The things of ours.</param>
    /// <param name="isUsed">True for one that something uses.</param>
    /// <param name="delete">Deletes one.</param>
    public async Task<bool> ReleaseAsync(IEnumerable<T> ours, Func<T, Task<bool>> isUsed, Func<T, Task> delete)
    {
        ArgumentNullException.ThrowIfNull(ours);
        ArgumentNullException.ThrowIfNull(isUsed);
        ArgumentNullException.ThrowIfNull(delete);
        var gone = true;
        foreach (var thing in ours)
        {
            if (await isUsed(thing).ConfigureAwait(false))
            {
                gone = false;
                continue;
            }

            await delete(thing).ConfigureAwait(false);
            _ids.Remove(nameOf(thing));
            log.LogInformation("{Kind} {Name} ({Id}) removed with the last worker", kind, nameOf(thing), idOf(thing));
        }

        return gone;
    }

    private T? Remember(string name, T? thing)
    {
        if (thing is not null)
        {
            _ids[name] = idOf(thing);
        }

        return thing;
    }
}
