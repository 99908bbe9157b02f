using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Sandbox.Runner;

/// <summary>The keys of forgejo-runner's configuration file that mean something without containers; all others are passed over.</summary>
internal sealed record RunnerConfig
{
    // No timer counts for longer.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary><c>runner.timeout</c>: the longest that a job may take.</summary>
    public TimeSpan Timeout { get; private init; } = TimeSpan.FromHours(3);

    /// <summary><c>runner.report_interval</c>.</summary>
    public TimeSpan ReportInterval { get; private init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>runner.fetch_timeout</c>: how long an answer to a request for a task is waited for.</summary>
    public TimeSpan FetchTimeout { get; private init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>runner.report_retry</c>: how long the end of a task is reported again.</summary>
    public ReportRetry ReportRetry { get; private init; } = new(10, TimeSpan.FromMilliseconds(100), null);

    /// <summary><c>host.workdir_parent</c>; the temporary directory when null.</summary>
    public string? WorkParent { get; private init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is not there, or no configuration.</exception>
    public static RunnerConfig Read(string path)
    {
        try
        {
            var root = YamlText.Read(File.ReadAllText(path)) as JsonObject ?? [];
            if ((root["server"] as JsonObject)?["connections"] is JsonObject { Count: > 0 })
            {
                throw new FormatException("server.connections of the configuration and the connection flags exclude each other");
            }

            var runner = root["runner"] as JsonObject;
            var config = new RunnerConfig
            {
                WorkParent = (root["host"] as JsonObject)?["workdir_parent"]?.ToString() is { Length: > 0 } parent ? parent : null,
            };
            return config with
            {
                Timeout = runner?["timeout"]?.ToString() is { } timeout
                    ? Shorter(RunnerArguments.Duration(timeout), LongestTimer)
                    : config.Timeout,
                ReportInterval = runner?["report_interval"]?.ToString() is { } interval
                    ? RunnerArguments.Duration(interval)
                    : config.ReportInterval,
                FetchTimeout = runner?["fetch_timeout"]?.ToString() is { } fetch ? RunnerArguments.Duration(fetch) : config.FetchTimeout,
                ReportRetry = Retry(runner?["report_retry"] as JsonObject, config.ReportRetry),
            };
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"invalid configuration: {unreadable.Message}", unreadable);
        }
    }

    private static ReportRetry Retry(JsonObject? retry, ReportRetry otherwise) => new(
        int.TryParse(
            retry?["max_retries"]?.ToString(), CultureInfo.InvariantCulture, out var tries) && tries > 0 ? tries : otherwise.MaxTries,
        retry?["initial_delay"]?.ToString() is { } initial ? RunnerArguments.Duration(initial) : otherwise.InitialDelay,
        retry?["max_delay"]?.ToString() is { } max ? RunnerArguments.Duration(max) : otherwise.MaxDelay);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
