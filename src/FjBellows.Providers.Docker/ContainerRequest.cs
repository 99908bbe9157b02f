using Docker.DotNet.Models;

namespace FjBellows.Providers.Docker;

/// <summary>What the engine is asked for. Pure.</summary>
internal static class ContainerRequest
{
    private const string SocketInside = "/var/run/docker.sock";

    // The first process of a container inherits every orphan in it: a shell that waits takes them all, where sleep alone would leave them
    // as zombies.
    private static readonly string[] Idle = ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"];

    /// <summary>A worker.</summary>
    /// <param name="settings">What it is made like.</param>
    /// <param name="spec">Its name and marks.</param>
    public static CreateContainerParameters Worker(DockerSettings settings, InstanceSpec spec)
    {
        var request = Common(settings, gone: false);
        request.Name = spec.Name;
        if (settings.Network != "host")
        {
            request.Hostname = spec.Name;
        }

        foreach (var (key, value) in ContainerLabels.Of(spec.Name, spec.Ownership))
        {
            request.Labels[key] = value;
        }

        if (!settings.ImageCommand)
        {
            request.Entrypoint = Idle;
            request.Cmd = [];
        }

        return request;
    }

    /// <summary>A container like a worker that looks around and is gone by itself, whatever becomes of us.</summary>
    /// <param name="settings">What workers are made like.</param>
    /// <param name="lifetime">How long it lives.</param>
    public static CreateContainerParameters Check(DockerSettings settings, TimeSpan lifetime)
    {
        var request = Common(settings, gone: true);
        request.Labels[ContainerLabels.Check] = "1";
        request.Entrypoint = ["/bin/sh", "-c", $"sleep {(int)lifetime.TotalSeconds}"];
        request.Cmd = [];
        return request;
    }

    private static CreateContainerParameters Common(DockerSettings settings, bool gone)
    {
        List<string> binds = [.. settings.Volumes];
        if (settings.DockerSocket)
        {
            binds.Add($"{settings.SocketPath ?? SocketInside}:{SocketInside}");
        }

        return new CreateContainerParameters
        {
            Image = settings.Image,
            User = settings.User ?? "",
            Env = [.. settings.Env.Select(pair => $"{pair.Key}={pair.Value}")],
            Labels = new Dictionary<string, string>(settings.Labels),
            HostConfig = new HostConfig
            {
                Binds = binds,
                AutoRemove = gone,
                NetworkMode = settings.Network ?? "",
                Privileged = settings.Privileged,
                Runtime = settings.Runtime ?? "",
                NanoCPUs = (settings.MilliCpus ?? 0) * 1_000_000L,
                Memory = settings.Memory ?? 0,
                MemorySwap = settings.Memory ?? 0,
                RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
            },
        };
    }
}
