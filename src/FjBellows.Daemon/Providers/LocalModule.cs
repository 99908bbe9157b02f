using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Sandbox.Local;

namespace FjBellows.Daemon.Providers;

/// <summary>Workers that are directories and processes on this machine: for trying things out, and for one machine that is trusted with its
/// jobs.</summary>
internal sealed class LocalModule : IProviderModule
{
    private static readonly ConfigKey<string> Directory = new(
        "directory", "An absolute directory for the workers. Without it, one in the state directory.", ConfigTypes.Text);

    private static readonly ConfigKey<TimeSpan> BootTime = new("boot_time", "Simulated boot time of a worker.", ConfigTypes.DurationOrZero)
    {
        Default = TimeSpan.FromSeconds(2),
        DefaultText = "2s",
    };

    private static readonly ConfigKey<string> Billing = new(
        "billing",
        "How time counts: `second` keeps an idle worker for `poll.idle_timeout`, `hour` for the rest of its `poll.billing_hour`.",
        ConfigTypes.Choice("second", "hour"))
    {
        Default = "second",
        DefaultText = "second",
    };

    private static readonly ConfigKey<string> Access = new(
        "access",
        "How workers are reached: `process` starts plain processes; `ssh` gives each worker a private sshd on a loopback address of its " +
        "own and goes the way of a cloud's workers; `auto` is `ssh` where OpenSSH's server is installed.",
        ConfigTypes.Choice("process", "ssh", "auto"))
    {
        Default = "process",
        DefaultText = "process",
    };

    private static readonly ConfigKey<IReadOnlyList<PlacedText>> Runner = new(
        "runner_command",
        "The runner's program and the words before `one-job`. Without it, the program that `runner.path` names, else the small runner " +
        "inside fj-bellows.", ConfigTypes.TextList);

    /// <inheritdoc />
    public string Name => "local";

    /// <inheritdoc />
    public string Doc => "Processes on this machine, without isolation: for the demo, for tests, and for jobs that you trust.";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } = [Directory, BootTime, Billing, Access, Runner];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var directory = section.Has(Directory) ? section.Get(Directory) : null;
        if (directory is not null && !Path.IsPathRooted(directory))
        {
            section.Error(Directory, $"{section.FullName(Directory)} is '{directory}', a relative path", "write an absolute path");
        }

        var access = section.Get(Access);
        if (access == "ssh" && LocalSshd.Find() is null)
        {
            section.Error(
                Access, $"{section.FullName(Access)} is ssh, but this machine has no sshd (or does not run Linux)",
                "install openssh-server, or write process");
        }

        var plan = new LocalPlan(
            access == "ssh" || (access == "auto" && LocalSshd.Find() is not null) ? LocalAccess.Ssh : LocalAccess.Process,
            directory,
            section.Get(BootTime),
            section.Get(Billing) == "hour",
            section.Has(Runner) ? [.. (section.Get(Runner) ?? []).Select(t => t.Text)] : []);
        return section.Findings.Errors > before ? null : plan;
    }

    /// <summary>The local provider with its configuration read.</summary>
    private sealed record LocalPlan(
        LocalAccess Access, string? Directory, TimeSpan BootTime, bool Hourly, IReadOnlyList<string> RunnerCommand) : IProviderConfig
    {
        public string Name => "local";

        public BillingModel Billing => Hourly ? BillingModel.Hourly : BillingModel.PerSecond;

        public bool NeedsSsh => false;

        public string? Account => Directory;

        public ProviderParts Create(ProviderContext context)
        {
            var settings = new LocalProviderSettings
            {
                Directory = Directory ?? Path.Combine(context.StateDirectory, "local"),
                BootTime = BootTime,
                BillingStep = Billing.Granularity,
                RunnerCommand = RunnerCommand,
                Access = Access,
                SshPort = LocalSshWorkers.Port,
            };
            IReadOnlyList<string> runner = context.Config.Runner.Path is { } path ? [path] : OwnRunner();
            if (Access == LocalAccess.Ssh)
            {
                return new ProviderParts(new LocalProvider(settings, context.Time), new LocalSshWorkers(settings, runner, context));
            }

            var connector = new LocalConnector(
                settings, runner, context.Config.Forgejo.Url.ToString(), context.Pool.Labels.NeedsDocker, context.Time);
            return new ProviderParts(new LocalProvider(settings, context.Time), connector);
        }

        /// <summary>This program's own small runner, whether it runs as one file or under <c>dotnet</c>.</summary>
        private static string[] OwnRunner()
        {
            var program = Environment.ProcessPath ?? "fj-bellows";
            return Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? [program, Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll"), "sandbox-runner"]
                : [program, "sandbox-runner"];
        }
    }
}
