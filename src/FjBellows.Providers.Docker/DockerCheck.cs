using FjBellows.Dispatch;

namespace FjBellows.Providers.Docker;

/// <summary>Looks at an engine, and from inside a container like a worker, which is gone afterwards.</summary>
internal sealed class DockerCheck(DockerSettings settings, DockerEngine engine, ImageFetch image, RunnerSetup runner, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly string[] BuiltInNetworks = ["host", "bridge", "default", "none"];

    private readonly List<AccountFinding> _findings = [];

    /// <summary>Looks.</summary>
    public async Task<IReadOnlyList<AccountFinding>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EngineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e)
        {
            Tell(FindingLevel.Error, "engine", e.Message);
            return _findings;
        }

        try
        {
            await NetworkAsync(cancellationToken).ConfigureAwait(false);
            if (await ImageAsync(cancellationToken).ConfigureAwait(false) && _findings.TrueForAll(f => f.Level != FindingLevel.Error))
            {
                await InsideAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is CloudException or SessionException)
        {
            Tell(FindingLevel.Error, "worker", e.Message);
        }

        return _findings;
    }

    private void Tell(FindingLevel level, string subject, string message) => _findings.Add(new(level, subject, message));

    private async Task EngineAsync(CancellationToken cancellationToken)
    {
        var (version, info) = await engine.AskAsync(
            "reach the engine",
            async client =>
                (await client.System.GetVersionAsync(cancellationToken).ConfigureAwait(false),
                    await client.System.GetSystemInfoAsync(cancellationToken).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        var product = version.Components?.Any(c => c.Name.Contains("Podman", StringComparison.OrdinalIgnoreCase)) == true
            ? "Podman"
            : "Docker";
        Tell(FindingLevel.Ok, "engine",
            $"{product} {version.Version} (API {version.APIVersion}) at {engine.Host}: {info.NCPU} CPUs, " +
            $"{info.MemTotal / (1024.0 * 1024 * 1024):0.0} GiB");
        if (engine.Host.Scheme == "tcp" && settings.TlsDirectory is null && !engine.Host.IsLoopback)
        {
            Tell(FindingLevel.Warning, "engine",
                $"{engine.Host} is spoken to without TLS: whoever can reach it owns that host; set tls_directory");
        }

        if (settings.Runtime is { } runtime && info.Runtimes is { Count: > 0 } runtimes && !runtimes.ContainsKey(runtime))
        {
            Tell(FindingLevel.Error, "runtime",
                $"the engine has no runtime '{runtime}'; it has {string.Join(", ", runtimes.Keys.Order(StringComparer.Ordinal))}");
        }

        if (settings.DockerSocket)
        {
            Tell(FindingLevel.Warning, "docker_socket", "jobs hold the engine's socket, and with it this host: run trusted jobs only");
        }
    }

    private async Task NetworkAsync(CancellationToken cancellationToken)
    {
        if (settings.Network == "none")
        {
            Tell(FindingLevel.Error, "network",
                "workers on the network 'none' reach no Forgejo; leave network out, or name one with a way out");
        }
        else if (settings.Network is { } network && !BuiltInNetworks.Contains(network)
            && !network.StartsWith("container:", StringComparison.Ordinal))
        {
            try
            {
                await engine.AskAsync(
                    "read the network", client => client.Networks.InspectNetworkAsync(network, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
            {
                Tell(FindingLevel.Error, "network",
                    $"the engine has no network '{network}'; make it with: docker network create {network}");
            }
        }
    }

    /// <summary>True when the image is there to be tried.</summary>
    private async Task<bool> ImageAsync(CancellationToken cancellationToken)
    {
        if (await image.ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            Tell(FindingLevel.Ok, "image", settings.Image);
            return true;
        }

        if (settings.Pull == DockerPull.Never)
        {
            Tell(FindingLevel.Error, "image", $"the engine has no '{settings.Image}', and pull is 'never'; load it, or set pull: missing");
        }
        else
        {
            Tell(FindingLevel.Warning, "image",
                $"the engine has no '{settings.Image}' yet: it is fetched for the first worker, and nothing inside it could be tried; " +
                $"docker pull {settings.Image}, and check again");
        }

        return false;
    }

    private async Task InsideAsync(CancellationToken cancellationToken)
    {
        var made = await engine.AskAsync(
            "create a container like a worker",
            client => client.Containers.CreateContainerAsync(ContainerRequest.Check(settings, Lifetime), cancellationToken),
            cancellationToken).ConfigureAwait(false);
        try
        {
            await engine.AskAsync(
                "start a container like a worker", client => client.Containers.StartContainerAsync(made.ID, new(), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            var shell = new DockerShell(engine, made.ID, time);
            await using (shell.ConfigureAwait(false))
            {
                using var clock = new CancellationTokenSource(Limit, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
                await RunnerAsync(shell, both.Token).ConfigureAwait(false);
                await ForgejoAsync(shell, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CloudException(
                CloudErrorKind.Transient, $"a container like a worker did not answer within {Limit.TotalSeconds:0} s", innerException: e);
        }
        finally
        {
            // Not ours to keep, even when the check was interrupted.
            using var clock = new CancellationTokenSource(Limit, time);
            await engine.RemoveAsync(made.ID, clock.Token).ConfigureAwait(false);
        }
    }

    private async Task RunnerAsync(DockerShell shell, CancellationToken cancellationToken)
    {
        var session = new ShellWorkerSession(shell, runner, "of the check");
        var ready = await session.CheckReadyAsync(cancellationToken).ConfigureAwait(false);
        Tell(
            ready.Ready ? FindingLevel.Ok : FindingLevel.Error,
            "runner",
            ready.Ready
                ? $"{settings.Image} can run a job: {ready.Detail.ReplaceLineEndings(" ")}"
                : $"in a container of {settings.Image}, {ready.Detail.ReplaceLineEndings(" ")}");
    }

    private async Task ForgejoAsync(DockerShell shell, CancellationToken cancellationToken)
    {
        var url = ShellQuoting.Quote(runner.ForgejoUrl.TrimEnd('/') + "/api/v1/version");
        var said = await shell.RunAsync(
            $$"""
            PATH="${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin"
            if command -v curl > /dev/null; then curl -sS -m 10 -o /dev/null {{url}} 2>&1
            elif command -v wget > /dev/null; then wget -nv -t 1 -T 10 -O /dev/null {{url}} 2>&1
            elif command -v node > /dev/null; then node -e 'fetch(process.argv[1]).catch(e => { console.log(String(e.cause || e)); process.exit(1) })' {{url}} 2>&1
            else exit 127
            fi
            """,
            new Secret(""),
            cancellationToken).ConfigureAwait(false);
        var where = settings.Network is { } network ? $"network '{network}'" : "the engine's default network";

        // Any answer of HTTP is an answer, a refusal too (wget's exit code 8): whether tokens are right is asked elsewhere.
        if (said.ExitCode is 0 or 8 || said.Output.Contains("HTTP/", StringComparison.Ordinal))
        {
            Tell(FindingLevel.Ok, "forgejo", $"{runner.ForgejoUrl} answers a container on {where}");
        }
        else if (said.ExitCode is null or 127)
        {
            Tell(FindingLevel.Warning, "forgejo",
                $"not checked whether {where} reaches {runner.ForgejoUrl}: {settings.Image} has no working curl, wget or node");
        }
        else
        {
            Tell(
                FindingLevel.Error,
                "forgejo",
                $"{runner.ForgejoUrl} cannot be reached from a container on {where}: {said.Output.Trim().ReplaceLineEndings(" ")}; " +
                $"'localhost' in a container is the container itself: use a name or address that containers know, or network: host");
        }
    }
}
