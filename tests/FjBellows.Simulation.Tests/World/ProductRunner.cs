using System.Globalization;
using System.Text.Json.Nodes;
using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers.Life;

namespace FjBellows.Simulation.Tests;

/// <summary>What the product tells its runners, read from the command line and the configuration that it would send to a worker.</summary>
internal static class ProductRunner
{
    private static readonly RunnerSetup Setup = new()
    {
        ForgejoUrl = "http://forgejo.test",
        RunnerCommand = ["/usr/local/bin/forgejo-runner"],
        JobsDirectory = "/run/fj-bellows/jobs",
        WorkDirectory = "/var/lib/fj-bellows/work",
    };

    /// <summary>The traits of its runners.</summary>
    public static RunnerTraits Traits { get; } = Read();

    /// <summary>Passes the lines of a virtual runner to a follower's log.</summary>
    public static Action<string>? Hears(RunnerLog log, IReadOnlyList<string> printed)
    {
        var follower = log.Attach();
        foreach (var line in printed.Skip((int)follower.From - 1))
        {
            follower.Take(line);
        }

        return follower.Take;
    }

    private static RunnerTraits Read()
    {
        var settings = new PoolSettings
        {
            Name = "default",
            Labels = LabelSet.Parse(["docker"]),
            Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "default"),
        };
        var job = new QueuedJob(1, 1, "handle", 1, 1, "build", ["docker"], JobStatus.Waiting, 0);
        var launch = Serving.LaunchOf(
            new Assignment(new DispatchId("w-1"), job, default, false), new RunnerCredentials(1, "uuid", new Secret("token")),
            new Moment(default, default, settings, BillingModel.Hourly));
        var (command, _) = new DispatchScripts(Setup).Launch(launch);
        var runner = JsonNode.Parse(RunnerConfig.Render(Setup, launch))?["runner"];
        var retry = runner?["report_retry"];
        return new RunnerTraits(
            retry is null
                ? ReportRetry.RunnerDefault
                : new ReportRetry(
                    retry["max_retries"]?.GetValue<int>() ?? ReportRetry.RunnerDefault.Attempts,
                    Duration(retry["initial_delay"]) ?? ReportRetry.RunnerDefault.First,
                    Duration(retry["max_delay"])),
            command.Contains("--wait", StringComparison.Ordinal))
        {
            // The pool ends the wait itself.
            EndsWaitAfter = null,
            FetchInterval = Duration(runner?["fetch_interval"]) ?? RunnerTraits.Plain.FetchInterval,
        };
    }

    /// <summary>A duration as Go writes it, in one unit.</summary>
    private static TimeSpan? Duration(JsonNode? node)
    {
        if (node?.GetValue<string>() is not { } text)
        {
            return null;
        }

        var unit = text.TrimStart("0123456789.".ToCharArray());
        var number = double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture);
        return unit switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => throw new FormatException($"'{text}' is not a duration in one unit"),
        };
    }
}
