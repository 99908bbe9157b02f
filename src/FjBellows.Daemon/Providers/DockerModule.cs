using FjBellows.Daemon.Configuration;
using FjBellows.Providers.Docker;

namespace FjBellows.Daemon.Providers;

/// <summary>Docker as the configuration knows it. <c>image</c>, <c>network</c>, <c>volumes</c> and <c>wait_timeout</c> are the Go
/// original's; the others are new.</summary>
internal sealed class DockerModule : IProviderModule
{
    private const string Reserved = "fj-bellows.";

    private static readonly ConfigKey<string> Image = new(
        "image",
        "The workers' image. It needs `/bin/sh` and forgejo-runner, in its PATH or at `runner.path`; deploy/worker/Dockerfile is one.",
        ConfigTypes.Text)
    { IsRequired = true };
    private static readonly ConfigKey<string> Network = new(
        "network",
        "The network that workers join: `host`, or one made with `docker network create`. Forgejo must be reachable from it. Without it " +
        "the engine's default.", ConfigTypes.Text);
    private static readonly ConfigKey<IReadOnlyList<PlacedText>> Volumes = new(
        "volumes",
        "Mounts, as `docker run -v` takes them: `/on/host:/in/worker:ro` or `name:/in/worker`. Workers share them, and they outlive " +
        "workers.", ConfigTypes.TextList);
    private static readonly ConfigKey<TimeSpan> WaitTimeout = new(
        "wait_timeout", "Time limit from a container's start until it runs.",
        ConfigTypes.Duration)
    { Default = TimeSpan.FromSeconds(30), DefaultText = "30s" };
    private static readonly ConfigKey<Uri> Host = new(
        "host", "The engine: `unix:///PATH`, or `tcp://NAME:PORT` with `tls_directory`. Podman's socket works too.",
        DockerValues.Host)
    { DefaultText = DockerSettings.DefaultHost };
    private static readonly ConfigKey<string> TlsDirectory = new(
        "tls_directory", "An absolute directory with `ca.pem`, `cert.pem` and `key.pem` for an engine behind TLS.", ConfigTypes.Text);
    private static readonly ConfigKey<string> Pull = new(
        "pull", "When the image is fetched: `missing` when the engine lacks it, `always` before every worker, `never`. Only public " +
            "images are fetched; for others run `docker login` and `docker pull` on the engine's host.",
        ConfigTypes.Choice("missing", "always", "never"))
    { Default = "missing", DefaultText = "missing" };
    private static readonly ConfigKey<int> Cpus = new(
        "cpus", "How many CPUs a worker may use, such as `2` or `1.5`. If omitted, all.", DockerValues.Cpus);
    private static readonly ConfigKey<long> Memory = new(
        "memory", "How much memory a worker may use, such as `4g`. If omitted, all.", DockerValues.Memory);
    private static readonly ConfigKey<bool> Privileged = new(
        "privileged", "Runs privileged containers, which have root's rights on the host; needed for an engine inside a worker.",
        ConfigTypes.Boolean)
    { DefaultText = "false" };
    private static readonly ConfigKey<IReadOnlyDictionary<string, string>> Env = new(
        "env", "Environment variables of the workers. Every job can read them: do not put secrets here.",
        DockerValues.Texts)
    { IsPrivate = true };
    private static readonly ConfigKey<IReadOnlyDictionary<string, string>> Labels = new(
        "labels", "Additional container labels. `fj-bellows.*` is reserved.", DockerValues.Texts);
    private static readonly ConfigKey<string> Runtime = new(
        "runtime", "The engine's runtime, such as `runsc` or `sysbox-runc`. Without it the engine's default.", ConfigTypes.Text);
    private static readonly ConfigKey<string> User = new(
        "user", "The user, and group, that everything in a worker runs as, such as `1000:998`. Without it the image's. With " +
            "`docker_socket` it needs the socket's group.", ConfigTypes.Text);
    private static readonly ConfigKey<bool> DockerSocket = new(
        "docker_socket",
        "True to mount the engine's socket into workers, for jobs with `docker` labels. A job that has the socket controls the host: " +
        "for trusted jobs only.", ConfigTypes.Boolean)
    { DefaultText = "false" };
    private static readonly ConfigKey<bool> ImageCommand = new(
        "image_command",
        "Runs the image's own command, such as an engine of its own; it must not exit. Otherwise a worker only waits for jobs.",
        ConfigTypes.Boolean)
    { DefaultText = "false" };

    /// <inheritdoc />
    public string Name => DockerProvider.ProviderName;

    /// <inheritdoc />
    public string Doc => "Containers on a Docker or Podman engine of your own. No SSH key is needed.";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } =
    [
        Image, Network, Volumes, WaitTimeout, Host, TlsDirectory, Pull, Cpus, Memory, Privileged, Env, Labels, Runtime, User, DockerSocket,
        ImageCommand,
    ];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var settings = new DockerSettings
        {
            Image = section.Get(Image)?.Trim() ?? "",
            Network = section.Get(Network),
            Volumes = [.. (section.Get(Volumes) ?? []).Where(volume => IsMount(section, volume)).Select(volume => volume.Text)],
            WaitTimeout = section.Get(WaitTimeout),
            Host = section.Get(Host) ?? new Uri(DockerSettings.DefaultHost),
            TlsDirectory = section.Get(TlsDirectory),
            Pull = section.Get(Pull) switch { "always" => DockerPull.Always, "never" => DockerPull.Never, _ => DockerPull.Missing },
            MilliCpus = section.Has(Cpus) ? section.Get(Cpus) : null,
            Memory = section.Has(Memory) ? section.Get(Memory) : null,
            Privileged = section.Get(Privileged),
            Env = section.Get(Env) ?? new Dictionary<string, string>(),
            Labels = section.Get(Labels) ?? new Dictionary<string, string>(),
            Runtime = section.Get(Runtime),
            User = section.Get(User),
            DockerSocket = section.Get(DockerSocket),
            ImageCommand = section.Get(ImageCommand),
        };
        if (section.Has(Image) && settings.Image.Length == 0)
        {
            section.Error(Image, $"{section.FullName(Image)} is empty", "name the workers' image");
        }

        if (settings.TlsDirectory is { } directory && (!Path.IsPathFullyQualified(directory) || settings.Host.Scheme != "tcp"))
        {
            section.Error(
                TlsDirectory, $"{section.FullName(TlsDirectory)} takes an absolute directory, for a host of the form tcp://NAME:PORT",
                "write the whole path, or leave it out for a socket");
        }

        if (settings.Labels.Keys.FirstOrDefault(key => key.StartsWith(Reserved, StringComparison.Ordinal)) is { } label)
        {
            section.Error(
                Labels, $"{section.FullName(Labels)}: '{label}' starts with the provider's reserved label prefix", "choose another name");
        }

        return section.Findings.Errors > before ? null : new DockerPlan(settings);
    }

    private static bool IsMount(ConfigSection section, PlacedText volume)
    {
        if (volume.Text.Split(':') is [{ Length: > 0 }, ['/', ..]] or [{ Length: > 0 }, ['/', ..], { Length: > 0 }])
        {
            return true;
        }

        section.Findings.Error(
            volume.Mark, section.FullName(Volumes), $"'{volume.Text}' is not a mount",
            "write it as docker run -v takes it: /on/host:/in/worker, /on/host:/in/worker:ro or name:/in/worker");
        return false;
    }
}
