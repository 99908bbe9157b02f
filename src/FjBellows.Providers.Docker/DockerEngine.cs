using Docker.DotNet;
using Docker.DotNet.Models;
using Docker.DotNet.X509;

namespace FjBellows.Providers.Docker;

/// <summary>The way to one engine. Its calls have no time limit of their own: whoever calls gives a token that ends them.</summary>
public sealed class DockerEngine : IDisposable
{
    private readonly DockerClient _client;

    /// <summary>A way to an engine. Nothing is opened yet.</summary>
    /// <param name="settings">Where it listens.</param>
    /// <exception cref="ArgumentException">The TLS files cannot be read.</exception>
    public DockerEngine(DockerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Host = settings.Host;
        var builder = new DockerClientBuilder().WithEndpoint(settings.Host).WithTimeout(Timeout.InfiniteTimeSpan);
        if (settings.TlsDirectory is { } directory)
        {
            try
            {
                builder = builder.WithAuthProvider(
                    DockerTlsCertificates.LoadFromDirectory(directory, true, "ca.pem", "cert.pem", "key.pem").CreateCredentials());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException
                or System.Security.Cryptography.CryptographicException)
            {
                throw new ArgumentException(
                    $"the TLS files of the Docker engine in {directory} cannot be used: {e.Message}; it must hold ca.pem, cert.pem and " +
                    $"key.pem, readable by the daemon's user", nameof(settings), e);
            }
        }

        _client = builder.Build();
    }

    /// <summary>The engine's address.</summary>
    public Uri Host { get; }

    internal IDockerClient Client => _client;

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    /// <summary>Asks, and turns a failure into the library's taxonomy.</summary>
    /// <exception cref="CloudException">The engine refused or did not answer.</exception>
    internal async Task<T> AskAsync<T>(string what, Func<IDockerClient, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(_client).ConfigureAwait(false);
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw EngineFailure.Of(what, Host, e);
        }
    }

    /// <summary>Asks for something that answers nothing.</summary>
    /// <exception cref="CloudException">The engine refused or did not answer.</exception>
    internal Task AskAsync(string what, Func<IDockerClient, Task> call, CancellationToken cancellationToken) => AskAsync(
        what,
        async client =>
        {
            await call(client).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>A container by id or name; null when the engine says that there is none.</summary>
    /// <exception cref="CloudException">The engine could not be asked.</exception>
    internal async Task<EngineContainer?> FindAsync(string idOrName, CancellationToken cancellationToken)
    {
        try
        {
            return EngineContainer.Of(await _client.Containers.InspectContainerAsync(idOrName, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (EngineFailure.IsNotFound(e))
        {
            return null;
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw EngineFailure.Of($"read container {idOrName}", Host, e);
        }
    }

    /// <summary>Removes a container with its anonymous volumes, running or not. One that is gone, or being removed, is a success.</summary>
    /// <exception cref="CloudException">The engine refused or could not be asked.</exception>
    internal async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await _client.Containers.RemoveContainerAsync(
                id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (EngineFailure.IsNotFound(e)
            || (e is DockerApiException { StatusCode: System.Net.HttpStatusCode.Conflict } refused
                && EngineFailure.Said(refused).Contains("already in progress", StringComparison.OrdinalIgnoreCase)))
        {
            // Somebody was faster.
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw EngineFailure.Of($"remove container {id}", Host, e);
        }
    }
}
