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

    /// <summary>The least a request for a task may take: the answer to a request that was given up may have assigned the job (invariant
    /// J16).</summary>
    private static readonly TimeSpan LeastFetchTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The text of the file. Invariants J8 and S7.</summary>
    /// <param name="setup">The pool's runners.</param>
    /// <param name="launch">Whose workspace, cache and time limit it names.</param>
    /// <exception cref="FormatException">A host name or address cannot stand in Docker's options.</exception>
    public static string Render(RunnerSetup setup, JobLaunch launch)
    {
        var config = setup.RunnerConfig?.DeepClone().AsObject() ?? [];
        var own = $"{setup.WorkDirectory}/{launch.Dispatch}";
        Runner(Section(config, "runner"), launch);
        var cache = Section(config, "cache");
        cache["dir"] = setup.CacheDirectory is { } shared && launch.RepositoryId is { } repository
            ? string.Create(CultureInfo.InvariantCulture, $"{shared}/{repository}")
            : own + "/cache";
        if (setup.CacheHost is { } host)
        {
            cache["host"] ??= host;
        }

        Section(config, "host")["workdir_parent"] = own + "/work";

        var container = Section(config, "container");
        container["docker_host"] = "automount";
        var hosts = AddHosts(setup.ForgejoHosts);
        if (setup.ContainerNetwork is ContainerNetwork.PerJob)
        {
            // Empty: the runner makes a network for each job, in which services have their names and ports of their own.
            container["network"] = "";
        }
        else if (hosts.Length > 0)
        {
            container["network"] = "host";
        }

        if (hosts.Length > 0)
        {
            var options = container["options"]?.ToString();
            container["options"] = string.IsNullOrWhiteSpace(options) ? hosts : $"{options} {hosts}";
        }

        return config.ToJsonString(Readable);
    }

    private static void Runner(JsonObject runner, JobLaunch launch)
    {
        runner["timeout"] ??= Seconds(launch.RunnerTimeout ?? Never);
        if (ShorterThan(runner["fetch_timeout"]?.ToString(), LeastFetchTimeout))
        {
            runner["fetch_timeout"] = Seconds(LeastFetchTimeout);
        }

        if (launch.Wait)
        {
            runner["fetch_interval"] = Seconds(JobLaunch.FetchInterval);
        }

        // 59 pauses, together 13 min 45 s: as long as Forgejo still takes a result (invariant J13).
        runner["report_retry"] ??= new JsonObject { ["max_retries"] = 60, ["initial_delay"] = "500ms", ["max_delay"] = "15s" };
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)}s");

    /// <summary>Whether a duration as Go writes it is shorter; what is not one in seconds, minutes or hours counts as shorter.</summary>
    private static bool ShorterThan(string? duration, TimeSpan least)
    {
        if (string.IsNullOrEmpty(duration)
            || !double.TryParse(duration[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
        {
            return true;
        }

        var seconds = duration[^1] switch { 's' => count, 'm' => count * 60, 'h' => count * 3600, _ => 0 };
        return seconds < least.TotalSeconds;
    }

    private static string AddHosts(IReadOnlyDictionary<string, string> hosts) =>
        string.Join(' ', hosts
            .Where(host => !IPAddress.TryParse(host.Key.Trim('[', ']'), out _))
            .OrderBy(host => host.Key, StringComparer.Ordinal)
            .Select(host =>
                Uri.CheckHostName(host.Key) == UriHostNameType.Dns && Address(host.Value) is { } address
                    ? $"--add-host={host.Key}:{address}"
                    : throw new FormatException(
                        $"cannot point jobs' containers at Forgejo: '{host.Key}' → '{host.Value}' is not a host name and an address")));

    private static string? Address(string text) =>
        text == RunnerSetup.EngineGateway ? text : IPAddress.TryParse(text, out var address) ? address.ToString() : null;

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
