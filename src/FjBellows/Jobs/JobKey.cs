namespace FjBellows.Jobs;

/// <summary>What tells one attempt of a job from every other: the handle, or <c>id#attempt</c> where Forgejo gave none (jobs queued
/// before its upgrade to version 15). Invariant J3.</summary>
/// <param name="Value">The handle, or <c>id#attempt</c>.</param>
public readonly record struct JobKey(string Value)
{
    /// <summary>The key of an attempt.</summary>
    /// <param name="id">Forgejo's job id, stable over reruns.</param>
    /// <param name="attempt">The attempt, from 1; 0 where Forgejo does not tell.</param>
    /// <param name="handle">The attempt's handle, may be empty.</param>
    public static JobKey Of(long id, long attempt, string handle) =>
        new(string.IsNullOrEmpty(handle) ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}#{attempt}") : handle);

    /// <inheritdoc />
    public override string ToString() => Value;
}
