namespace FjBellows.Jobs;

/// <summary>A registry that remembers whether its token may register runners (invariant R2).</summary>
/// <param name="inner">The registry.</param>
internal sealed class WatchedRegistry(IRunnerRegistry inner) : IRunnerRegistry
{
    private volatile string? _forbidden;

    /// <summary>What Forgejo said when it last refused a registration for want of permission; null when the last one was made.</summary>
    public string? Forbidden => _forbidden;

    /// <inheritdoc />
    public async Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken)
    {
        try
        {
            var registered = await inner.RegisterAsync(name, description, cancellationToken).ConfigureAwait(false);
            _forbidden = null;
            return registered;
        }
        catch (ForgejoException e) when (e.Kind == ForgejoErrorKind.Unauthorized)
        {
            _forbidden = e.Message;
            throw;
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<RegisteredRunner>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    /// <inheritdoc />
    public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) => inner.GetAsync(id, cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(long id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);
}
