using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Rest;

/// <summary>Makes a create call idempotent by the instance's name: an answer that was lost, and a name that is taken, are both settled by
/// looking up who has the name (invariant W2).</summary>
public static class Adoption
{
    /// <summary>Creates an instance, or returns the one of that name that is ours already.</summary>
    /// <param name="spec">What is created.</param>
    /// <param name="create">Sends the create call.</param>
    /// <param name="find">Looks up every instance of the name, whoever owns it.</param>
    /// <param name="log">Takes what was adopted.</param>
    /// <exception cref="CloudException">It was not created, or that is not known yet.</exception>
    public static async Task<Instance> CreateAsync(
        InstanceSpec spec, Func<Task<Instance>> create, Func<Task<IReadOnlyList<Instance>>> find, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(create);
        try
        {
            return await create().ConfigureAwait(false);
        }
        catch (CloudException cause) when (cause.MayHaveTakenEffect)
        {
            return await AdoptAsync(spec, cause, find, log).ConfigureAwait(false);
        }
    }

    /// <summary>The instance of a name where the cloud lets names repeat: looked up before anything is created.</summary>
    /// <param name="spec">What is to be created.</param>
    /// <param name="find">Looks up every instance of the name, whoever owns it.</param>
    /// <returns>The one that is ours; null when the name is free.</returns>
    /// <exception cref="CloudException">The name is somebody else's, or that could not be asked; nothing was created.</exception>
    public static async Task<Instance?> FindAsync(InstanceSpec spec, Func<Task<IReadOnlyList<Instance>>> find)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(find);
        try
        {
            return Ours(spec, await find().ConfigureAwait(false));
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.Transient)
        {
            // An earlier call may have created it; what failed here is only the question.
            throw new CloudException(
                e.Kind, $"whether {spec.Name} exists already could not be asked: {e.Message}", e.RetryAfter, e,
                mayHaveTakenEffect: spec.Attempt > 1);
        }
    }

    private static async Task<Instance> AdoptAsync(
        InstanceSpec spec, CloudException cause, Func<Task<IReadOnlyList<Instance>>> find, ILogger log)
    {
        IReadOnlyList<Instance> named;
        try
        {
            named = await find().ConfigureAwait(false);
        }
        catch (CloudException e)
        {
            throw new CloudException(
                cause.Kind, $"{cause.Message}. Whether {spec.Name} exists could not be asked either: {e.Message}", e.RetryAfter, cause,
                mayHaveTakenEffect: true);
        }

        var instance = Ours(spec, named)
            ?? throw new CloudException(
                cause.Kind, $"{cause.Message}. {spec.Name} is not listed (yet); it is looked up again by name", cause.RetryAfter, cause,
                mayHaveTakenEffect: true);
        log.LogInformation("{Name} exists as {Id} and is adopted: {Reason}", spec.Name, instance.Id, cause.Message);
        return instance;
    }

    private static Instance? Ours(InstanceSpec spec, IReadOnlyList<Instance> listed)
    {
        var named = listed.Where(i => string.Equals(i.Name, spec.Name, StringComparison.Ordinal) && i.Status != InstanceStatus.Deleting)
            .ToList();
        return named.FirstOrDefault(spec.Ownership.Owns)
            ?? (named.FirstOrDefault() is { } theirs
                ? throw new CloudException(
                    CloudErrorKind.Conflict,
                    $"the name {spec.Name} belongs to instance {theirs.Id}, which does not carry {spec.Ownership.Tag} and " +
                    $"{spec.Ownership.Owner}: it is not ours and is left alone")
                : null);
    }
}
