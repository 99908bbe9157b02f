using System.Collections.Frozen;
using System.Diagnostics;

namespace FjBellows.Parts;

/// <summary>Where each part is looked for, and how to get it.</summary>
public static class PartCatalog
{
    private static readonly FrozenDictionary<Part, PartEntry> Entries = new Dictionary<Part, PartEntry>
    {
        [Part.Root] = new("the rights of root", null, () => Environment.IsPrivilegedProcess) { Hint = "run as root" },
        [Part.MountNamespaces] = new("mount namespaces", null, () => Succeeds("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"))
        {
            Hint = "run as root, in a container that is privileged",
        },
        [Part.NetworkNamespaces] = new(
            "network namespaces", "iproute2", () => Program("ip") is not null && Succeeds("unshare", "-n", "ip", "link", "set", "lo", "up"))
        {
            Hint = "apt-get install iproute2, and run as root, in a container that is privileged",
        },
        [Part.Sshd] = Of("sshd", "openssh-server"),
        [Part.SshKeygen] = Of("ssh-keygen", "openssh-client"),
        [Part.CloudInit] = Of("cloud-init", "cloud-init"),
        [Part.Iptables] = Of("iptables", "iptables"),
        [Part.Sudo] = Of("sudo", "sudo"),
        [Part.Curl] = Of("curl", "curl"),
        [Part.Busybox] = Of("busybox", "busybox-static"),
        [Part.Dash] = Of("dash", "dash"),
        [Part.DockerEngine] = Of("dockerd", "docker.io") with { Also = [Part.Root, Part.MountNamespaces, Part.Curl, Part.Busybox] },
        [Part.Podman] = Of("podman", "podman") with { Also = [Part.DockerEngine] },
        [Part.DockerCompose] = Of("docker-compose", "docker-compose"),
        [Part.PostgreSql] = new("PostgreSQL's server", "postgresql", () => PostgreSqlBinaries is not null),
        [Part.Sqlite3] = Of("sqlite3", "sqlite3"),
        [Part.Chromium] = Of("chromium", "chromium"),
        [Part.Prism] = new("Prism", null, () => File.Exists(Prism)) { Hint = "apt-get install npm && npm ci --prefix tests/tools/prism" },
        [Part.LinodeSpec] = new(
            "Linode's OpenAPI document", null, () => File.Exists(LinodeSpec))
        { Hint = "name its file in FJB_LINODE_SPEC" },
        [Part.HetznerSpec] = new(
            "Hetzner's OpenAPI document", null, () => File.Exists(HetznerSpec))
        { Hint = "name its file in FJB_HETZNER_SPEC" },
        [Part.DigitalOceanSpec] = new(
            "DigitalOcean's OpenAPI document", null,
            () => File.Exists(DigitalOceanSpec))
        { Hint = "name its file in FJB_DIGITALOCEAN_SPEC" },
        [Part.Jq] = Of("jq", "jq"),
        [Part.Promtool] = Of("promtool", "prometheus"),
        [Part.Kubectl] = Of("kubectl", "kubernetes-client"),
        [Part.SystemdTools] = Of("systemd-sysusers", "systemd"),
        [Part.SystemdInNamespace] = new(
            "systemd in a namespace",
            "systemd",
            () => Program("systemd-run") is not null
                && File.ReadLines("/proc/mounts")
                    .Any(line => line.Split(' ') is [_, _, "cgroup2", ..] && Succeeds("unshare", "--cgroup", "true")))
        {
            Also = [Part.Root, Part.MountNamespaces],
            Hint = "apt-get install systemd, and run as root, in a container that is privileged and sees a cgroup2 file system",
        },
        [Part.Python3] = Of("python3", "python3"),
        [Part.Dnsmasq] = Of("dnsmasq", "dnsmasq-base"),
        [Part.Shellcheck] = Of("shellcheck", "shellcheck"),
        [Part.Git] = Of("git", "git"),
        [Part.OpenSsl] = Of("openssl", "openssl"),
    }.ToFrozenDictionary();

    /// <summary>The directory of PostgreSQL's programs, the newest version's; null where there is none.</summary>
    public static string? PostgreSqlBinaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin"))
            .FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
        : null;

    /// <summary>Where `npm ci` puts Prism.</summary>
    public static string Prism { get; } = Path.Combine(Root, "tests", "tools", "prism", "node_modules", ".bin", "prism");

    /// <summary>Linode's OpenAPI document.</summary>
    public static string LinodeSpec { get; } = SpecOf("linode");

    /// <summary>Hetzner's OpenAPI document.</summary>
    public static string HetznerSpec { get; } = SpecOf("hetzner");

    /// <summary>DigitalOcean's OpenAPI document.</summary>
    public static string DigitalOceanSpec { get; } = SpecOf("digitalocean");

    /// <summary>The path of a part's program.</summary>
    /// <exception cref="InvalidOperationException">The test did not say that it needs the part, and it is missing.</exception>
    public static string PathOf(Part part)
    {
        var entry = Entries[part];
        return Program(entry.Name)
            ?? throw new InvalidOperationException($"{entry.Name} is missing ({entry.Advice}): put [Needs(Part.{part})] on the test");
    }

    /// <summary>Those of the parts, and of what they need themselves, that are missing here.</summary>
    internal static IReadOnlyList<PartEntry> Missing(IEnumerable<Part> parts) =>
        [.. parts.SelectMany(WithOwnNeeds).Distinct().Select(p => Entries[p]).Where(e => !e.IsThere)];

    private static IEnumerable<Part> WithOwnNeeds(Part part) => Entries[part].Also.SelectMany(WithOwnNeeds).Append(part);

    private static PartEntry Of(string program, string package) => new(program, package, () => Program(program) is not null);

    private static string? Program(string name) => $"/usr/sbin:/usr/bin:/sbin:/bin:{Environment.GetEnvironmentVariable("PATH")}".Split(':')
        .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static string SpecOf(string vendor) =>
        Environment.GetEnvironmentVariable($"FJB_{vendor.ToUpperInvariant()}_SPEC")
            ?? Path.GetFullPath(Path.Combine(Root, "..", "shared", "specs", $"{vendor}.json"));

    private static bool Succeeds(string program, params string[] arguments)
    {
        if (Program(program) is not { } path)
        {
            return false;
        }

        using var process = Process.Start(
            new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "FjBellows.sln")))
            {
                directory = directory.Parent
                    ?? throw new InvalidOperationException($"FjBellows.sln is not in a directory above {AppContext.BaseDirectory}");
            }

            return directory.FullName;
        }
    }
}
