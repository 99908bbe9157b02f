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
