using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Daemon.Providers;
using FjBellows.Dispatch;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Ssh;

namespace FjBellows.Daemon.Configuration;

/// <summary>Turns a file into a <see cref="BellowsConfig"/>, or into the list of everything that is wrong with it.</summary>
internal sealed class ConfigLoader
{
    private readonly ProviderModules _modules;
    private readonly Findings _findings;
    private readonly ConfigSources _sources;
    private readonly ConfigSection _root;

    private ConfigLoader(ConfigMap root, ProviderModules modules, Findings findings, ConfigSources sources)
    {
        _modules = modules;
        _findings = findings;
        _sources = sources;
        _root = new ConfigSection("", root, ConfigKeys.Root, findings, sources);
    }

    /// <summary>Reads a file from disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="modules">The providers that there are.</param>
    public static LoadedConfig LoadFile(string path, ProviderModules modules)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // One byte more than is allowed is enough to refuse it, however large it is.
            var content = new byte[YamlReader.MaxBytes + 1];
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            var size = length > YamlReader.MaxBytes && stream.CanSeek ? stream.Length : length;
            var files = new List<string>();
            var sources = ConfigSources.OfProcess(path);
            var collecting = sources with
            {
                ReadFile = file =>
                {
                    files.Add(file);
                    return sources.ReadFile(file);
                },
            };
            return size > YamlReader.MaxBytes
                ? TooLarge(path, size)
                : Load(path, content.AsSpan(0, length), modules, collecting) with { SecretFiles = [.. files.Distinct()] };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var (message, fix) = e switch
            {
                FileNotFoundException or DirectoryNotFoundException =>
                    ("the file does not exist", "create it from config.example.yaml, or name another with -config"),
                UnauthorizedAccessException when Directory.Exists(path) => ("this is a directory", "name the file in it with -config"),
                UnauthorizedAccessException =>
                    ("the file is not readable by this user", "correct its owner or mode, or run the daemon as its owner"),
                _ => ($"the file cannot be read: {e.Message}", "correct this, or name another file with -config"),
            };
            var findings = new Findings(path);
            findings.Error(Mark.WholeFile, "", message, fix);
            return new LoadedConfig(null, findings.All);
        }
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The file, as findings name it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="sources">Where references are looked up.</param>
    public static LoadedConfig Load(string file, ReadOnlySpan<byte> content, ProviderModules modules, ConfigSources sources)
    {
        var findings = new Findings(file);
        var root = YamlReader.Read(content, findings);
        var config = root is not null ? new ConfigLoader(root, modules, findings, sources).Read() : null;
        return new LoadedConfig(findings.Errors == 0 ? config : null, findings.All, root);
    }

    private static LoadedConfig TooLarge(string path, long size)
    {
        var findings = new Findings(path);
        findings.Error(
            Mark.WholeFile, "", $"the file has {size:N0} bytes; a configuration has at most {YamlReader.MaxBytes:N0}",
            "name the configuration file, not some other file, with -config");
        return new LoadedConfig(null, findings.All);
    }

    private BellowsConfig? Read()
    {
        var forgejo = ReadForgejo();
        var tag = ReadTag();
        var ssh = ReadSsh();
        var runner = _root.Section(ConfigKeys.Runner.Section);
        var worker = _root.Section(ConfigKeys.Worker.Section);
        var state = _root.Section(ConfigKeys.State.Section);
        var history = _root.Section(ConfigKeys.History.Section);
        var log = _root.Section(ConfigKeys.Log.Section);

        if (runner.Get(ConfigKeys.Runner.Mirror) is { Scheme: "http", IsLoopback: false })
        {
            runner.Error(
                ConfigKeys.Runner.Mirror,
                "runner.mirror is http: whoever is on the way could replace the program that runs as root on every worker, and its " +
                "checksum with it",
                "use https, or put the runner into the image and name it with runner.path");
        }

        var runnerConfig = new RunnerConfig(
            ReadRunnerVersion(runner), runner.Get(ConfigKeys.Runner.Path), runner.Get(ConfigKeys.Runner.Mirror));
        var workerConfig = new WorkerConfig(
            Texts(worker.Get(ConfigKeys.Worker.Packages)),
            Texts(worker.Get(ConfigKeys.Worker.Run)),
            worker.Get(ConfigKeys.Worker.PreparedImage),
            worker.Get(ConfigKeys.Worker.Reuse) == "single");
        var stateConfig = new StateConfig(
            state.Get(ConfigKeys.State.Directory) is { } directory ? Resolve(directory) : null, state.Get(ConfigKeys.State.Connection));
        var retention = history.Get(ConfigKeys.History.Retention);
        var logConfig = new LogConfig(log.Get(ConfigKeys.Log.Format)!, log.Get(ConfigKeys.Log.Level)!);
        var pools = new PoolReader(_root, _modules, forgejo, tag, _findings, _sources).Read();

        if (pools.FirstOrDefault(p => p.Plan?.NeedsSsh == true) is { } needy && ssh.PrivateKeyFile is null)
        {
            _root.Section(ConfigKeys.Ssh.Section).Error(
                ConfigKeys.Ssh.PrivateKeyFile,
                $"ssh.private_key_file is missing: workers of provider '{needy.Plan!.Name}' are reached over SSH",
                "make a key with 'ssh-keygen -t ed25519 -N \"\" -f id_ed25519' and name it here");
        }

        CheckLabelOptions(runnerConfig.Version, pools.Where(p => p.Settings is not null).Select(p => p.Settings!.Labels));
        return _findings.Errors > 0
            ? null
            : new BellowsConfig(
                _findings.File, forgejo!, [.. pools.Select(p => new PoolConfig(p.Settings!, p.Plan!))], ssh, runnerConfig, workerConfig,
                stateConfig, retention, logConfig, _root.Section(ConfigKeys.Telemetry.Section).Get(ConfigKeys.Telemetry.OtlpEndpoint));
    }

    private ForgejoConfig? ReadForgejo()
    {
        if (!_root.Has(ConfigKeys.Forgejo.Section))
        {
            _root.Error(
                ConfigKeys.Forgejo.Section, "'forgejo' is missing",
                "name the Forgejo to serve: forgejo with url, token, scope and labels below it");
            return null;
        }

        var section = _root.Section(ConfigKeys.Forgejo.Section);
        var url = section.Get(ConfigKeys.Forgejo.Url);
        var token = section.Get(ConfigKeys.Forgejo.Token);
        var scope = ReadScope(section);
        if (url is { Scheme: "http", IsLoopback: false })
        {
            section.Warn(
                ConfigKeys.Forgejo.Url, "forgejo.url is http: the token travels unencrypted",
                "use https, or reach Forgejo over a private network only");
        }

        var authorities = ReadAuthorities(section);
        return url is null || token is null || scope is null ? null : new ForgejoConfig(url, token, scope)
        {
            Authorities = authorities,
            Reach = section.Get(ConfigKeys.Forgejo.Reach) switch
            {
                "direct" => ForgejoReach.Direct,
                "tunnel" => ForgejoReach.Tunnel,
                _ => ForgejoReach.Auto,
            },
        };
    }

    private X509Certificate2Collection? ReadAuthorities(ConfigSection section)
    {
        if (section.Get(ConfigKeys.Forgejo.Ca) is not { } name)
        {
            return null;
        }

        var file = Resolve(name);
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            section.Error(
                ConfigKeys.Forgejo.Ca, $"forgejo.ca: {file} cannot be read: {e.Message}", "name a file with certificates in PEM form");
            return null;
        }

        if (authorities.Count > 0)
        {
            return authorities;
        }

        section.Error(ConfigKeys.Forgejo.Ca, $"forgejo.ca: {file} holds no certificate", "name a file with 'BEGIN CERTIFICATE' in it");
        return null;
    }

    /// <summary>Options after a label are new in runner 13; an older runner would take them for a part of the name, and no job would ever
    /// match.</summary>
    private void CheckLabelOptions(string runner, IEnumerable<LabelSet> pools)
    {
        if (pools.Any(l => l.HasOptions) && Version.TryParse(runner.TrimStart('v'), out var version) && version.Major < 13)
        {
            _root.Section(ConfigKeys.Forgejo.Section).Error(
                ConfigKeys.Forgejo.Labels,
                $"a label has options, and forgejo-runner {runner} takes them for a part of its name or image",
                $"set runner.version to 13.0.0 or later, such as {RunnerVersions.Newest}, or leave the options out");
        }
    }

    private static ForgejoScope? ReadScope(ConfigSection section)
    {
        if (section.Get(ConfigKeys.Forgejo.Scope) is not { } text)
        {
            return null;
        }

        try
        {
            return ForgejoScope.Parse(text);
        }
        catch (FormatException e)
        {
            section.Error(ConfigKeys.Forgejo.Scope, $"forgejo.scope: {e.Message}", "write admin, user, orgs/NAME or repos/OWNER/NAME");
            return null;
        }
    }

    private string? ReadTag()
    {
        var tag = _root.Get(ConfigKeys.Tag);
        if (tag is null)
        {
            return null;
        }

        if (!Ownership.IsPortableTag(tag))
        {
            _root.Error(
                ConfigKeys.Tag, $"tag '{tag}' does not work on every cloud",
                "use 3 to 32 of a-z, 0-9 and single hyphens, a letter first and no hyphen last");
            return null;
        }

        if (tag == ConfigKeys.DefaultTag)
        {
            _root.Warn(
                ConfigKeys.Tag, $"the tag is the default '{tag}'",
                "give each deployment that shares a cloud account a tag of its own, so that people can tell their instances apart");
        }

        return tag;
    }

    private SshConfig ReadSsh()
    {
        var section = _root.Section(ConfigKeys.Ssh.Section);
        var key = section.Get(ConfigKeys.Ssh.PrivateKeyFile);
        var before = _findings.Errors;
        var seeded = section.Get(ConfigKeys.Ssh.SeedHostKey);
        if (!seeded && _findings.Errors == before)
        {
            section.Warn(
                ConfigKeys.Ssh.SeedHostKey,
                "ssh.seed_host_key is false: whoever answers at a new worker's address first is trusted, and is given the tokens of " +
                "its jobs",
                "leave it out unless the image cannot take a host key from its user data");
        }

        return new SshConfig(
            key is null ? null : Resolve(key),
            section.Get(ConfigKeys.Ssh.Passphrase),
            section.Get(ConfigKeys.Ssh.User)!,
            section.Get(ConfigKeys.Ssh.Port),
            section.Get(ConfigKeys.Ssh.KeyExchanges) ?? [],
            section.Get(ConfigKeys.Ssh.Ciphers) ?? [],
            seeded);
    }

    private static string ReadRunnerVersion(ConfigSection runner)
    {
        var version = runner.Get(ConfigKeys.Runner.Version) ?? ConfigKeys.DefaultRunnerVersion;
        if (RunnerVersion.Problem(version) is { } problem)
        {
            runner.Error(ConfigKeys.Runner.Version, $"runner.version: {problem.Message}", problem.Fix);
        }

        return version;
    }

    // `file:` paths and plain paths alike start at the configuration, so that a copied directory keeps working.
    private string Resolve(string path) => Path.GetFullPath(path, Path.GetFullPath(_sources.Directory));

    private static IReadOnlyList<string> Texts(IReadOnlyList<PlacedText>? texts) => [.. (texts ?? []).Select(t => t.Text)];
}

/// <summary>What became of a configuration file.</summary>
/// <param name="Config">The configuration, null when there are errors.</param>
/// <param name="Findings">Everything found, warnings too, in the order of the file.</param>
/// <param name="Root">What the file says, its references not resolved; null when it could not be understood.</param>
internal sealed record LoadedConfig(BellowsConfig? Config, IReadOnlyList<Finding> Findings, ConfigMap? Root = null)
{
    /// <summary>The files whose content stands in the configuration by <c>file:</c>.</summary>
    public IReadOnlyList<string> SecretFiles { get; init; } = [];
}
