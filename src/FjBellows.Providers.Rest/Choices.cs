using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Rest;

/// <summary>Tries places to create an instance in, in order, while there is no capacity (invariant R2).</summary>
public static class Choices
{
    /// <summary>The instance from the first choice that has room. Choices that were full a short while ago
    /// (<see cref="InstanceSpec.Skip"/>) come last.</summary>
    /// <typeparam name="T">A choice; its text is what <see cref="Instance.Placement"/> says of it.</typeparam>
    /// <param name="vendor">The vendor's name, for messages.</param>
    /// <param name="choices">The choices, the preferred one first.</param>
    /// <param name="spec">What is created.</param>
    /// <param name="create">Creates it in one of them.</param>
    /// <param name="log">Takes which were full.</param>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.CapacityOut"/>: all are full. Any other failure ends the
    /// search.</exception>
    public static async Task<Instance> FirstWithRoomAsync<T>(
        string vendor, IReadOnlyList<T> choices, InstanceSpec spec, Func<T, Task<Instance>> create, ILogger log)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(create);
        CloudException? last = null;
        foreach (var choice in choices.OrderBy(c => spec.Skip.Contains(c.ToString(), StringComparer.Ordinal)))
        {
            try
            {
                return await create(choice).ConfigureAwait(false);
            }
            catch (CloudException e) when (e.Kind == CloudErrorKind.CapacityOut && !e.MayHaveTakenEffect)
            {
                last = e;
                log.LogWarning("no capacity for {Name} in {Placement}: {Reason}", spec.Name, choice, e.Message);
            }
        }

        throw new CloudException(
            CloudErrorKind.CapacityOut,
            $"{vendor} has no capacity for {spec.Name} in any of {string.Join(", ", choices)}; add fallbacks, or wait. {last?.Message}",
            last?.RetryAfter,
            last);
    }
}
