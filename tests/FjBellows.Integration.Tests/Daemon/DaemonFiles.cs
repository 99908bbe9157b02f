namespace FjBellows.Integration.Tests.Daemon;

/// <summary>The files of a daemon in a directory of its own. Forgejo and cloud are ports on which nobody listens.</summary>
internal sealed class DaemonFiles : IDisposable
{
    // Made for these tests; it opens nothing.
    private const string PrivateKey =
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """;

    public DaemonFiles()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("fj-bellows-daemon-").FullName;
        Write("id", PrivateKey);
        Write(
            "config.yaml",
            """
            forgejo: {url: "http://127.0.0.1:9", token: canary-token, scope: admin, labels: [docker]}
            tag: test-ci
            provider: linode
            provider_config: {region: nl-ams, type: g6-standard-1, image: linode/debian12, token: canary-cloud, api_url: "http://127.0.0.1:9/v4"}
            ssh: {private_key_file: id}
            """);
    }

    public string Directory { get; }

    public string Config => At("config.yaml");

    public string Lock => At("lock");

    public string State => At("state");

    /// <summary>The arguments of a daemon on these files; its control plane takes any free port.</summary>
    public string[] Arguments => ["-config", Config, "-lock", Lock, "--state", State, "-control-listen", "127.0.0.1:0"];

    public string At(string name) => Path.Combine(Directory, name);

    public string Write(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(At(name), content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At(name), mode);
        }

        return At(name);
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
