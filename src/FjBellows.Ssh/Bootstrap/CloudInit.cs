using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh.HostKeys;
using FjBellows.Ssh.Tunnel;

namespace FjBellows.Ssh.Bootstrap;

/// <summary>Writes the first-boot document of a worker for Debian 12 and 13 and Ubuntu 22.04, 24.04 and 26.04.</summary>
internal static partial class CloudInit
{
    /// <summary>What every cloud takes (clouds differ from 16 KiB upwards).</summary>
    public const int PortableLimit = 16 * 1024;

    /// <summary>The document, small enough for a provider.</summary>
    /// <param name="worker">Who is born.</param>
    /// <param name="settings">What it is made into.</param>
    /// <param name="capabilities">What the provider carries.</param>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.Misconfigured"/>: it does not fit, or a value cannot be
    /// written.</exception>
    public static Secret Render(NewWorker worker, BootstrapSettings settings, ProviderCapabilities capabilities)
    {
        if (capabilities.MaxUserDataBytes == 0)
        {
            throw Misconfigured(
                $"worker {worker.Name} cannot be set up over SSH: the provider carries no user data, which holds its host key and " +
                $"installs");
        }

        var limit = Math.Min(PortableLimit, capabilities.MaxUserDataBytes);
        var document = Document(worker, settings);
        var size = Encoding.UTF8.GetByteCount(document);
        if (size <= limit)
        {
            return new Secret(document);
        }

        var packed = Pack(document);
        if (capabilities.AcceptsGzip && packed.Length <= limit)
        {
            return new Secret(packed);
        }

        throw Misconfigured(string.Create(
            CultureInfo.InvariantCulture,
            $"the user data of worker {worker.Name} has {size} bytes ({packed.Length} " +
            $"compressed{(capabilities.AcceptsGzip ? "" : ", which the provider does not take")}) and at most {limit} are carried; " +
            $"shorten worker.run ({Encoding.UTF8.GetByteCount(settings.Run ?? "")} bytes), or put it into an image and set " +
            $"worker.prepared_image"));
    }

    /// <summary>The document as plain text.</summary>
    public static string Document(NewWorker worker, BootstrapSettings settings)
    {
        Check(worker, settings);
        var root = worker.User == "root";
        var yaml = new StringBuilder();
        yaml.Append("#cloud-config\n")
            .Append("ssh_deletekeys: true\n")
            .Append("disable_root: ").Append(root ? "false" : "true").Append('\n')
            .Append("ssh_pwauth: false\n");
        if (worker.HostKey is { } key)
        {
            yaml.Append("ssh_keys:\n  ed25519_private: |\n");
            Block(yaml, key.PrivateKey.Reveal(), 4);
            yaml.Append("  ed25519_public: ").Append(key.PublicKey).Append('\n');
        }

        yaml.Append("users:\n  - name: ").Append(worker.User).Append('\n');
        if (!root)
        {
            yaml.Append("    shell: /bin/bash\n    lock_passwd: true\n");
        }

        yaml.Append("    ssh_authorized_keys:\n");
        foreach (var authorized in worker.AuthorizedKeys)
        {
            yaml.Append("      - ").Append(Quoted(authorized)).Append('\n');
        }

        yaml.Append("write_files:\n");
        File(yaml, "/usr/local/sbin/fj-bellows-hosts", "0755", "#!/bin/sh\n" + RemoteScript.Text("hosts.sh"));
        PackedFile(yaml, WorkerLayout.UnitHelper, "0755", UnitHelper(worker));
        PackedFile(yaml, "/var/lib/cloud/scripts/per-boot/fj-bellows-seal", "0700", RemoteScript.Text("seal.sh"));
        if (worker.Network is { } network)
        {
            PackedFile(yaml, WorkerLayout.NetworkHelper, "0755", Network(worker, network, settings));
            File(yaml, "/etc/systemd/system/fj-bellows-network.service", "0644", $"""
                [Unit]
                Description=Lets jobs reach Forgejo
                After=network.target docker.service
                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart={WorkerLayout.NetworkHelper}
                [Install]
                WantedBy=multi-user.target
                """);
            if (settings.Docker)
            {
                File(yaml, "/etc/systemd/system/fj-bellows-dns.service", "0644", $"""
                    [Unit]
                    Description=Answers names for jobs
                    [Service]
                    ExecStart=/usr/sbin/dnsmasq --keep-in-foreground --conf-file=/dev/null --user=nobody --listen-address={network.Address} --bind-interfaces --local=/{network.Host}/
                    Restart=always
                    RestartSec=1
                    """);
            }
        }

        if (settings.Run is { } run)
        {
            yaml.Append("  - path: /var/lib/fj-bellows/run\n    permissions: '0700'\n    content: |\n");
            Block(yaml, "set -eu\n" + run.ReplaceLineEndings("\n"), 6);
        }

        PackedFile(yaml, "/var/lib/fj-bellows/steps", "0700", RemoteScript.Text("bootstrap.sh"));
        File(yaml, "/var/lib/fj-bellows/bootstrap", "0700", Variables(worker, settings) + ". /var/lib/fj-bellows/steps\n");
        yaml.Append("runcmd:\n  - [ sh, /var/lib/fj-bellows/bootstrap ]\n");
        return yaml.ToString();
    }

    /// <summary>The document compressed, as text: a MIME part that cloud-init unpacks by itself, whatever the cloud's own encoding
    /// is.</summary>
    internal static string Pack(string document)
    {
        return "Content-Type: multipart/mixed; boundary=fjb\nMIME-Version: 1.0\n\n--fjb\nContent-Type: " +
            "application/gzip\nContent-Transfer-Encoding: base64\n\n"
            + Convert.ToBase64String(Gzip(document), Base64FormattingOptions.InsertLineBreaks)
                .Replace("\r\n", "\n", StringComparison.Ordinal)
            + "\n--fjb--\n";
    }

    private static string Network(NewWorker worker, JobNetwork network, BootstrapSettings settings) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        #!/bin/sh
        address={network.Address} host={ShellQuoting.Quote(network.Host)} port={network.Port} high={network.TunnelPort}
        docker={(settings.Docker ? "1" : "''")} user={ShellQuoting.Quote(worker.User)} result={WorkerLayout.NetworkReport}

        """) + RemoteScript.Text("network.sh");

    /// <summary>The program that starts dispatches as units: its variables and its text.</summary>
    private static string UnitHelper(NewWorker worker) =>
        $"#!/bin/sh\nuser={ShellQuoting.Quote(worker.User)}\njobs={ShellQuoting.Quote(WorkerLayout.Jobs)}\n" +
        $"work={ShellQuoting.Quote(WorkerLayout.Work)}\n"
        + RemoteScript.Text("unit.sh");

    private static string Variables(NewWorker worker, BootstrapSettings settings)
    {
        var mirror = settings.RunnerMirror.AbsoluteUri.TrimEnd('/');
        var lines = new StringBuilder("#!/bin/sh\n");
        Set("user", worker.User);
        Set("forgejo_host", worker.ForgejoHost ?? "");
        Set("version", settings.RunnerVersion);
        Set("download", $"{mirror}/v{settings.RunnerVersion}/forgejo-runner-{settings.RunnerVersion}-linux-");
        Set("redirects", settings.RunnerMirror.Scheme == Uri.UriSchemeHttps ? "=https" : "=https,http");
        Set("runner", settings.PreparedImage || settings.RunnerPath.StartsWith('/') ? settings.RunnerPath : WorkerLayout.Runner);
        Set("docker", settings.Docker ? "1" : "");
        Set("prepared", settings.PreparedImage ? "1" : "");
        Set("packages", string.Join(' ', settings.Packages));
        Set("report", ReadyReport.DefaultPath);
        Set("log", WorkerLayout.BootLog);
        Set("jobs", WorkerLayout.Jobs);
        Set("work", WorkerLayout.Work);
        Set("cache", WorkerLayout.Cache);
        Set("network", worker.Network is null ? "" : WorkerLayout.NetworkHelper);
        Set("probe", worker.Probe is { } probe ? $"{probe.AbsoluteUri.TrimEnd('/')}/api/v1/version" : "");
        Set("network_report", WorkerLayout.NetworkReport);
        Set("address", worker.Network?.Address.ToString() ?? "");
        Set("insecure", worker.Network is { IsPlain: true } plain ? string.Create(
            CultureInfo.InvariantCulture, $"{plain.Host}:{plain.Port}") : "");
        Set("unit_helper", WorkerLayout.UnitHelper);
        return lines.ToString();

        void Set(string name, string value) => lines.Append(name).Append('=').Append(ShellQuoting.Quote(value)).Append('\n');
    }

    private static void File(StringBuilder yaml, string path, string mode, string content)
    {
        yaml.Append("  - path: ").Append(path).Append("\n    permissions: '").Append(mode).Append("'\n    content: |\n");
        Block(yaml, Terse(content), 6);
    }

    /// <summary>A file that cloud-init unpacks itself, on every cloud: what does not depend on the worker takes half the room.</summary>
    private static void PackedFile(StringBuilder yaml, string path, string mode, string content)
    {
        yaml.Append("  - path: ").Append(path).Append("\n    permissions: '").Append(mode).Append("'\n    encoding: gz+b64\n    content: ")
            .Append(Convert.ToBase64String(Gzip(Terse(content)))).Append('\n');
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    /// <summary>Without comments: they are for readers here, and user data has no room to waste.</summary>
    private static string Terse(string script) => string.Join(
        '\n', script.Split('\n').Where(line => !line.TrimStart().StartsWith('#') || line.StartsWith("#!", StringComparison.Ordinal)));

    private static void Block(StringBuilder yaml, string text, int indent)
    {
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            // An indented blank line is a blank line; without the indent it needs no bytes.
            if (line.Length > 0)
            {
                yaml.Append(' ', indent).Append(line);
            }

            yaml.Append('\n');
        }
    }

    private static string Quoted(string value) => "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value) + "\"";

    private static void Check(NewWorker worker, BootstrapSettings settings)
    {
        Demand(UserName().IsMatch(worker.User), $"ssh.user '{worker.User}' is no user name a Linux system takes");
        Demand(Version().IsMatch(settings.RunnerVersion), $"runner version '{settings.RunnerVersion}' is no version number");
        Demand(settings.RunnerMirror.IsAbsoluteUri && settings.RunnerMirror.Scheme is "http" or "https",
            $"the runner's mirror '{settings.RunnerMirror}' is not an http or https URL");
        foreach (var package in settings.Packages)
        {
            Demand(Package().IsMatch(package), $"worker.packages: '{package}' is no package name");
        }

        Demand(
            settings.Run is null || !settings.Run.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')),
            "worker.run holds control characters, which a cloud-config cannot");
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Misconfigured(otherwise);
        }
    }

    private static SessionException Misconfigured(string message) => new(SessionErrorKind.Misconfigured, message);

    [GeneratedRegex("^[a-z_][a-z0-9_-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex UserName();

    [GeneratedRegex("^[0-9][0-9A-Za-z.+-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Version();

    [GeneratedRegex("^[a-z0-9][a-z0-9+.:=~_-]*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Package();
}

/// <summary>A worker before it is created.</summary>
/// <param name="User">Who will log in.</param>
/// <param name="HostKey">The key it will show; null where the first one seen is trusted.</param>
/// <param name="AuthorizedKeys">Who may log in.</param>
/// <param name="ForgejoHost">The name that must mean 127.0.0.1 there; null for none.</param>
internal sealed record NewWorker(string Name, string User, HostKeyPair? HostKey, IReadOnlyList<string> AuthorizedKeys, string? ForgejoHost)
{
    /// <summary>How jobs there reach Forgejo; null leaves it at the worker's loopback.</summary>
    public JobNetwork? Network { get; init; }

    /// <summary>The URL that the worker asks first whether it needs that; null where it does.</summary>
    public Uri? Probe { get; init; }
}
