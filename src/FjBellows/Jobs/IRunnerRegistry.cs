namespace FjBellows.Jobs;

/// <summary>The runner registrations of one scope.</summary>
public interface IRunnerRegistry
{
    /// <summary>Registers an ephemeral runner. Names are not unique in Forgejo: calling twice makes two runners.</summary>
    /// <param name="name">The runner's name, at most 255 bytes.</param>
    /// <param name="description">A sentence for people who look at the list of runners.</param>
    /// <returns>What the runner process needs to speak for itself; the token is shown this once.</returns>
    /// <exception cref="ForgejoException">The registration was refused, or its answer was lost.</exception>
    Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken);

    /// <summary>Every registration owned by the scope: all pages, each id once.</summary>
    /// <exception cref="ForgejoException">A page could not be read; a partial list is never returned.</exception>
    Task<IReadOnlyList<RegisteredRunner>> ListAsync(CancellationToken cancellationToken);

    /// <summary>One registration, null when Forgejo says that it does not exist.</summary>
    /// <param name="id">The runner's id.</param>
    /// <exception cref="ForgejoException">Forgejo could not be asked.</exception>
    Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken);

    /// <summary>Deletes a registration; one that is gone already is a success. The runner process is not stopped by it.</summary>
    /// <param name="id">The runner's id.</param>
    /// <exception cref="ForgejoException">Forgejo refused or could not be asked.</exception>
    Task DeleteAsync(long id, CancellationToken cancellationToken);
}

/// <summary>A fresh registration (<c>POST …/actions/runners</c>).</summary>
/// <param name="Id">Forgejo's id of the runner.</param>
/// <param name="Uuid">The uuid the runner process names itself by.</param>
/// <param name="Token">The runner's token; shown once, never stored by us.</param>
public sealed record RunnerCredentials(long Id, string Uuid, Secret Token);

/// <summary>A registration as Forgejo lists it.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">The runner's uuid.</param>
/// <param name="Name">The runner's name.</param>
/// <param name="Status">What Forgejo last heard of it.</param>
/// <param name="Ephemeral">True when it may run one task only.</param>
public sealed record RegisteredRunner(long Id, string Uuid, string Name, RunnerStatus Status, bool Ephemeral);

/// <summary>What Forgejo last heard of a runner.</summary>
public enum RunnerStatus
{
    /// <summary>Nothing for a minute, or never.</summary>
    Offline,

    /// <summary>A call within the last minute.</summary>
    Idle,

    /// <summary>A task's report within the last ten seconds.</summary>
    Active,

    /// <summary>A word this version does not know.</summary>
    Unknown,
}
