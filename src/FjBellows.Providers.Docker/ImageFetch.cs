using Docker.DotNet.Models;

namespace FjBellows.Providers.Docker;

/// <summary>Sees to it that the engine has the image. Whoever waits may give up: a fetch goes on, and the next caller joins it, or a
/// large image could never arrive within the time that one create call may take.</summary>
internal sealed class ImageFetch(DockerEngine engine, string image, DockerPull pull)
{
    // Beyond this a registry or engine hangs, and the next create call had better begin again.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly Lock _turn = new();
    private Task? _running;

    /// <summary>Returns when the image is there as the settings want it.</summary>
    /// <param name="cancellationToken">Ends the wait, not the fetch.</param>
    /// <exception cref="CloudException">It is missing and cannot be fetched, or may not be.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (pull != DockerPull.Always && await ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (pull == DockerPull.Never)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"the engine at {engine.Host} has no image '{image}', and provider_config.pull is 'never'; load it (docker pull, build, " +
                $"load or import), or set pull: missing");
        }

        Task fetch;
        lock (_turn)
        {
            if (_running is null or { IsCompleted: true })
            {
                _running = Task.Run(FetchAsync, CancellationToken.None);
            }

            fetch = _running;
        }

        await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the engine has the image.</summary>
    /// <exception cref="CloudException">The engine could not be asked.</exception>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await engine.AskAsync(
                $"look for image '{image}'", client => client.Images.InspectImageAsync(image, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return false;
        }
    }

    private async Task FetchAsync()
    {
        string? refusal = null;
        using var limit = new CancellationTokenSource(Longest);
        var progress = new Reports(message => refusal = message.Error?.Message ?? refusal);
        try
        {
            await engine.AskAsync(
                $"fetch image '{image}'",
                client => client.Images.CreateImageAsync(Reference(image), new AuthConfig(), progress, limit.Token),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind is CloudErrorKind.NotFound or CloudErrorKind.Auth or CloudErrorKind.InvalidConfig)
        {
            refusal = e.Message;
        }
        catch (CloudException) when (limit.IsCancellationRequested)
        {
            throw new CloudException(
                CloudErrorKind.Transient,
                $"image '{image}' did not arrive at the engine at {engine.Host} within {Longest.TotalMinutes:0} minutes",
                mayHaveTakenEffect: false);
        }
        catch (CloudException e)
        {
            // The registry may be back later, and no container was asked for meanwhile.
            throw new CloudException(e.Kind, e.Message, e.RetryAfter, e, mayHaveTakenEffect: false);
        }

        if (refusal is not null)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"image '{image}' cannot be fetched by the engine at {engine.Host}: {refusal}; correct provider_config.image, or bring " +
                $"the image yourself (docker login and docker pull for a private one)");
        }
    }

    private static ImagesCreateParameters Reference(string image)
    {
        // Without a tag the engine would fetch every tag there is.
        var name = image.LastIndexOf('/') + 1;
        var pinned = image.Contains('@', StringComparison.Ordinal);
        var colon = image.IndexOf(':', name);
        return pinned || colon < 0
            ? new ImagesCreateParameters { FromImage = image, Tag = pinned ? null : "latest" }
            : new ImagesCreateParameters { FromImage = image[..colon], Tag = image[(colon + 1)..] };
    }

    /// <summary>Takes reports where they are made: <see cref="Progress{T}"/> would hand them on to the thread pool, after the
    /// end.</summary>
    private sealed class Reports(Action<JSONMessage> take) : IProgress<JSONMessage>
    {
        public void Report(JSONMessage value) => take(value);
    }
}
