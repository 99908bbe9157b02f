using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FjBellows.Dispatch;

/// <summary>Writes forgejo-runner's configuration for one dispatch. It is JSON, which every reader of YAML reads.</summary>
internal static class RunnerConfig
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,

        // YAML has no escapes for surrogate pairs; characters beyond ASCII go as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // The runner has no word for "never".
    private static readonly TimeSpan Never = TimeSpan.FromDays(365);

    /// <summary>The text of the file. Invariants J8 and S7.</summary>
    /// <param name="setup">The pool's runners.</param>
    /// <param name="launch">Whose workspace, cache and time limit it names.</param>
    /// <exception cref="FormatException">A host name or address cannot stand in Docker's options.</exception>
    public static string Render(RunnerSetup setup, JobLaunch launch)
    {
        var config = setup.RunnerConfig?.DeepClone().AsObject() ?? [];
        var own = $"{setup.WorkDirectory}/{launch.Dispatch}";
        Section(config, "runner")["timeout"] ??= string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling((launch.RunnerTimeout ?? Never).TotalSeconds)}s");
        Section(config, "cache")["dir"] = own + "/cache";
        Section(config, "host")["workdir_parent"] = own + "/work";

        var container = Section(config, "container");
        container["docker_host"] = "automount";
        var hosts = AddHosts(setup.ForgejoHosts);
        if (hosts.Length > 0)
        {
            container["network"] = "host";
            var options = container["options"]?.ToString();
            container["options"] = string.IsNullOrWhiteSpace(options) ? hosts : $"{options} {hosts}";
        }

        return config.ToJsonString(Readable);
    }

    private static string AddHosts(IReadOnlyDictionary<string, string> hosts) =>
        string.Join(' ', hosts
            .Where(host => !IPAddress.TryParse(host.Key.Trim('[', ']'), out _))
            .OrderBy(host => host.Key, StringComparer.Ordinal)
            .Select(host =>
                Uri.CheckHostName(host.Key) == UriHostNameType.Dns && IPAddress.TryParse(host.Value, out var address)
                    ? $"--add-host={host.Key}:{address}"
                    : throw new FormatException($"cannot point jobs' containers at Forgejo: '{host.Key}' → '{host.Value}' is not a host name and an address")));

    private static JsonObject Section(JsonObject config, string name)
    {
        if (config[name] is JsonObject section)
        {
            return section;
        }

        section = [];
        config[name] = section;
        return section;
    }
}
