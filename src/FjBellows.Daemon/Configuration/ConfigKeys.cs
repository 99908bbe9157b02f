using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;

namespace FjBellows.Daemon.Configuration;

/// <summary>Every key of the configuration but those of the providers, which describe their own
/// (<see cref="Providers.IProviderModule"/>).</summary>
internal static class ConfigKeys
{
    /// <summary>The name of the pool when the file does not name any.</summary>
    public const string DefaultPool = "default";

    /// <summary>The tag of a deployment that does not choose one.</summary>
    public const string DefaultTag = "fj-bellows";

    /// <summary>The runner that is installed where nothing else is said.</summary>
    public static string DefaultRunnerVersion => new BootstrapSettings().RunnerVersion;

    private static ConfigKey<TimeSpan> Duration(string name, string doc, TimeSpan value, bool zeroAllowed = false) =>
        new(name, doc, zeroAllowed ? ConfigTypes.DurationOrZero : ConfigTypes.Duration)
        {
            Default = value,
            DefaultText = GoDuration.Format(value),
        };

    private static ConfigKey<string> Text(string name, string doc, string? value = null) =>
        new(name, doc, ConfigTypes.Text) { Default = value, DefaultText = value };

    private static ConfigKey<string> Choice(string name, string doc, string value, params string[] words) =>
        new(name, doc, ConfigTypes.Choice(words)) { Default = value, DefaultText = value };

    /// <summary>Keys of <c>forgejo</c>.</summary>
    public static class Forgejo
    {
        public static readonly ConfigKey<Uri> Url = new(
            "url", "Forgejo's base URL, as the daemon reaches it.", ConfigTypes.Url)
        { IsRequired = true };
        public static readonly ConfigKey<Secret> Token = new(
            "token",
            "An access token that may read the queue and manage the runners of the scope. Better than writing it here: `${NAME}` or " +
            "`file:PATH`.", ConfigTypes.Secret)
        { IsRequired = true };

        public static readonly ConfigKey<string> Scope = new(
            "scope", "Whose runners these are: `admin`, `user`, `orgs/NAME` or `repos/OWNER/NAME`.",
            ConfigTypes.Text)
        { IsRequired = true };
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> Labels = new(
            "labels",
            "The labels whose jobs are run, as forgejo-runner writes them: `name`, `name:docker://IMAGE`, `name:host`, " +
            "`name:lxc://TEMPLATE`. A job is taken only if everything in its `runs-on` is among the names. With `pools`, what a pool " +
            "without labels of its own has.", ConfigTypes.TextList);

        public static readonly ConfigKey<string> Reach = Choice(
            "reach",
            "How workers of a cloud reach Forgejo: `tunnel` goes through their SSH connection, so that jobs need the daemon while they " +
            "run; `direct` goes by itself; `auto` goes by itself where a worker gets an answer over https, else through the tunnel.",
            "auto", "auto", "direct", "tunnel");

        public static readonly ConfigKey<string> Ca = Text(
            "ca", "A PEM file with certificate authorities that the daemon trusts beside the system's when it calls Forgejo.");

        public static readonly SectionKey Section = new(
            "forgejo", "The Forgejo whose Actions queue is served.", Url, Token, Scope, Labels, Reach, Ca)
        { IsRequired = true };
    }

    /// <summary>Keys of <c>scale</c>.</summary>
    public static class Scale
    {
        public static readonly ConfigKey<int> Max = new(
            "max", "The maximum number of workers. 0 disables provisioning; existing workers drain.", ConfigTypes.Integer(0, 10_000))
        { Default = 1, DefaultText = "1" };

        public static readonly ConfigKey<TimeSpan> WaitBudget = Duration(
            "wait_budget",
            "How long a job may wait for an existing or provisioning worker before another one is provisioned for it. 0 provisions at " +
            "once. See [cost.md](cost.md).", TimeSpan.Zero, zeroAllowed: true);

        public static readonly NodeKey WaitBudgets = new(
            "wait_budgets",
            "Wait budgets by label name, such as `{deploy: 0s, nightly: 20m}`. If a job has several, the shortest applies.",
            "group of durations", () => new()
            {
                ["type"] = "object",
                ["additionalProperties"] = ConfigTypes.DurationOrZero.Schema(),
            });

        public static readonly ConfigKey<TimeSpan> ExpectedDuration = Duration(
            "expected_duration", "With a wait budget: the expected duration of a job that has no recorded run.", TimeSpan.FromMinutes(5));

        public static readonly ConfigKey<int> MinIdle = new(
            "min_idle",
            "Idle workers to keep in reserve: at all times, or with `schedule` only in its windows. With hourly billing each of them is " +
            "billed every hour.", ConfigTypes.Integer(0, 1_000))
        { Default = 0, DefaultText = "0" };

        public static readonly ConfigKey<string> Cron = new(
            "cron", "Start of a window: minute, hour, day of month, month, day of week.", ConfigTypes.Text)
        { IsRequired = true };
        public static readonly ConfigKey<TimeSpan> Lasts = new(
            "lasts", "How long the window lasts.", ConfigTypes.Duration)
        { IsRequired = true };
        public static readonly ConfigKey<string> TimeZone = Text(
            "time_zone", "The time zone of `cron`, such as `Europe/Berlin`; daylight saving is followed.", "UTC");
        public static readonly ConfigKey<int> WindowMinIdle = new(
            "min_idle", "Idle workers to keep in this window.", ConfigTypes.Integer(0, 1_000))
        { DefaultText = "`scale.min_idle`" };

        public static readonly SectionListKey Schedule = new(
            "schedule",
            "Windows in which idle workers are kept. Inside a window an idle worker continues into the next billed hour; outside it is " +
            "deleted at its teardown deadline.", Cron, Lasts, TimeZone, WindowMinIdle);

        public static readonly SectionKey Section = new(
            "scale", "Size of the pool, wait budgets and reserve.", Max, WaitBudget, WaitBudgets, ExpectedDuration, MinIdle, Schedule);
    }

    /// <summary>Keys of <c>poll</c>.</summary>
    public static class Poll
    {
        public static readonly ConfigKey<TimeSpan> Interval = Duration(
            "interval", "Poll interval of a quiet queue.", TimeSpan.FromSeconds(10));
        public static readonly ConfigKey<TimeSpan> BusyInterval = Duration(
            "busy_interval", "Poll interval while jobs arrive.", TimeSpan.FromSeconds(1));
        public static readonly ConfigKey<TimeSpan> BusyFor = Duration(
            "busy_for", "How long after the last observed job the queue counts as busy.", TimeSpan.FromMinutes(2));
        public static readonly ConfigKey<TimeSpan> RunnersInterval = Duration(
            "runners_interval", "Between two listings of the runners while workers are busy; four times as long otherwise.",
            TimeSpan.FromSeconds(15));
        public static readonly ConfigKey<TimeSpan> InstancesInterval = Duration(
            "instances_interval", "Between two listings of the cloud's instances while there are workers; four times as long otherwise.",
            TimeSpan.FromSeconds(30));
        public static readonly ConfigKey<TimeSpan> IdleTimeout = Duration(
            "idle_timeout", "Where time is billed by the second: how long an idle worker is kept.", TimeSpan.FromMinutes(5));
        public static readonly ConfigKey<TimeSpan> HourMargin = Duration(
            "hour_margin",
            "Where time is billed by the hour: how long before the end of a billed hour an idle worker is deleted. Shorter than " +
            "billing_hour.", TimeSpan.FromMinutes(5));
        public static readonly ConfigKey<TimeSpan> BillingHour = new(
            "billing_hour", "The length of the billing period. A shorter one deletes idle workers sooner and wastes billed time.",
            ConfigTypes.Duration)
        { DefaultText = "the provider's, `1h` on clouds that bill by the hour" };
        public static readonly ConfigKey<TimeSpan> BootTimeout = Duration(
            "boot_timeout", "Time limit from the creation of a worker to its readiness; a worker that takes longer is deleted.",
            TimeSpan.FromMinutes(10));
        public static readonly ConfigKey<TimeSpan> MaxJobRuntime = Duration(
            "max_job_runtime", "The longest a job may take, from its dispatch to a worker; 0 means no limit.", TimeSpan.FromHours(6),
            zeroAllowed: true);

        public static readonly SectionKey Section = new(
            "poll", "Poll intervals and time limits.",
            Interval, BusyInterval, BusyFor, RunnersInterval, InstancesInterval, IdleTimeout, HourMargin, BillingHour, BootTimeout,
            MaxJobRuntime);
    }

    /// <summary>Keys of <c>ssh</c>.</summary>
    public static class Ssh
    {
        public static readonly ConfigKey<string> PrivateKeyFile = Text(
            "private_key_file",
            "The private key that logs in on workers, in OpenSSH or PEM form; its public half is given to each worker. Needed by every " +
            "provider whose workers are reached over SSH.");
        public static readonly ConfigKey<Secret> Passphrase = new(
            "passphrase", "The passphrase of the private key, if it has one.", ConfigTypes.Secret);
        public static readonly ConfigKey<string> User = Text("user", "The user to log in as.", "root");
        public static readonly ConfigKey<int> Port = new(
            "port", "The port that workers listen on.", ConfigTypes.Integer(1, 65_535))
        { Default = 22, DefaultText = "22" };
        public static readonly ConfigKey<IReadOnlyList<string>> KeyExchanges = Names(
            "key_exchanges", "The SSH key exchanges to offer, best first.", SshAlgorithms.DefaultKeyExchanges, SshAlgorithms.KeyExchanges,
            "key exchange");

        public static readonly ConfigKey<IReadOnlyList<string>> Ciphers = Names(
            "ciphers", "The SSH ciphers to offer, best first. An image whose sshd lacks the default needs another, such as `aes256-ctr`.",
            SshAlgorithms.DefaultCiphers, SshAlgorithms.Ciphers, "cipher");

        public static readonly ConfigKey<bool> SeedHostKey = new(
            "seed_host_key",
            "Whether a host key is made for each worker and goes into its user data. False only for an image that does not take one: " +
            "the first key a worker shows is then trusted, with a warning, and pinned.", ConfigTypes.Boolean)
        { Default = true, DefaultText = "true" };

        public static readonly SectionKey Section = new(
            "ssh", "How workers are reached.", PrivateKeyFile, Passphrase, User, Port, KeyExchanges, Ciphers, SeedHostKey);

        private static ConfigKey<IReadOnlyList<string>> Names(
            string name, string doc, IReadOnlyList<string> value, IReadOnlyList<string> known, string what) =>
            new(name, $"{doc} Known are {string.Join(", ", known.Select(n => $"`{n}`"))}.",
                ConfigTypes.NameList(what, known))
            { Default = value, DefaultText = $"`[{string.Join(", ", value)}]`" };
    }

    /// <summary>Keys of <c>state</c>.</summary>
    public static class State
    {
        public static readonly ConfigKey<string> Directory = new(
            "directory", "Where the journal is kept. Overridden by `--state`.",
            ConfigTypes.Text)
        {
            DefaultText = "`$STATE_DIRECTORY`, else `/var/lib/fj-bellows` if writable, else `fj-bellows` under the XDG state home",
        };
        public static readonly ConfigKey<Secret> Connection = new(
            "connection", "A PostgreSQL connection string, for a journal in a database instead of a file.",
            ConfigTypes.Secret)
        { DefaultText = "a SQLite file in the state directory" };
        public static readonly SectionKey Section = new("state", "Where the daemon keeps its journal.", Directory, Connection);
    }

    /// <summary>Keys of <c>history</c>.</summary>
    public static class History
    {
        public static readonly ConfigKey<TimeSpan> Retention = Duration(
            "retention", "How long ended jobs and deleted workers are kept.", TimeSpan.FromHours(720));
        public static readonly SectionKey Section = new("history", "How long the history is kept.", Retention);
    }

    /// <summary>Keys of <c>runner</c>.</summary>
    public static class Runner
    {
        public static readonly ConfigKey<string> Version = Text(
            "version", "The forgejo-runner that is installed on workers, 12.8.2 or later. Overridden by `-runner-version`.",
            DefaultRunnerVersion);
        public static readonly ConfigKey<string> Path = Text(
            "path", "Path of a forgejo-runner that is already installed on the workers. With `worker.prepared_image` none is downloaded.");
        public static readonly ConfigKey<Uri> Mirror = new("mirror", "A mirror to download forgejo-runner releases from.", ConfigTypes.Url);
        public static readonly SectionKey Section = new("runner", "The runner program on workers.", Version, Path, Mirror);
    }

    /// <summary>Keys of <c>worker</c>.</summary>
    public static class Worker
    {
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> Packages = new(
            "packages", "Distribution packages to install on each worker.", ConfigTypes.TextList)
        { Default = [], DefaultText = "none" };
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> Run = new(
            "run", "Shell commands to run on each worker before it is ready; one that fails makes the worker fail. Write `$${` where " +
                "the shell is to see `${`.", ConfigTypes.TextList)
        { Default = [], DefaultText = "none", IsPrivate = true };
        public static readonly ConfigKey<bool> PreparedImage = new(
            "prepared_image", "True when the image has Docker and the runner already, so that nothing is installed.",
            ConfigTypes.Boolean)
        { DefaultText = "false" };
        public static readonly ConfigKey<string> Reuse = Choice(
            "reuse", "`warm` reuses a worker for job after job while its time is billed; `single` gives every job its own worker.", "warm",
            "warm", "single");
        public static readonly SectionKey Section = new("worker", "How workers are prepared.", Packages, Run, PreparedImage, Reuse);
    }

    /// <summary>Keys of <c>log</c>.</summary>
    public static class Log
    {
        public static readonly ConfigKey<string> Format = Choice(
            "format", "Lines for people, or JSON for machines. Overridden by `--log-format`.", "human", "human", "json");
        public static readonly ConfigKey<string> Level = Choice(
            "level", "The minimum severity to log. Overridden by `--log-level`.", "info", "debug", "info", "warning", "error");
        public static readonly SectionKey Section = new("log", "Log output.", Format, Level);
    }

    /// <summary><c>telemetry</c>.</summary>
    public static class Telemetry
    {
        /// <summary><c>telemetry.otlp_endpoint</c>.</summary>
        public static readonly ConfigKey<Uri> OtlpEndpoint = new(
            "otlp_endpoint",
            "An OpenTelemetry collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`: it receives a trace for each job. " +
            "If omitted, no traces are sent.", ConfigTypes.Url);

        /// <summary>The group.</summary>
        public static readonly SectionKey Section = new(
            "telemetry", "Telemetry to send besides the log. Metrics for Prometheus are at `/metrics` of the control plane.", OtlpEndpoint);
    }

    /// <summary>The deployment's tag.</summary>
    public static readonly ConfigKey<string> Tag = Text(
        "tag", "Marks every instance of this deployment: 3 to 32 of a-z, 0-9 and single hyphens, a letter first. Give each deployment " +
            "in a cloud account its own.", DefaultTag);

    /// <summary>The provider.</summary>
    public static readonly ConfigKey<string> Provider = Text(
        "provider", "The provider of the workers; each provider has its own keys under `provider_config`.");

    /// <summary>The provider's own keys; the schema comes with the provider's name, from <see cref="ConfigSchema"/>.</summary>
    public static readonly NodeKey ProviderConfig = new(
        "provider_config", "The provider's own keys.", "group", () => new() { ["type"] = "object" });

    /// <summary>The keys of one pool.</summary>
    public static class Pool
    {
        public static readonly ConfigKey<string> Name = Text(
            "name", "The pool's name: letters, digits and hyphens. Only where `pools` is a list; in a group of groups the key is " +
                "the name.");
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> Labels = new(
            "labels", "The labels whose jobs this pool runs, as under `forgejo.labels`.",
            ConfigTypes.TextList)
        { DefaultText = "`forgejo.labels`" };

        /// <summary>The keys of a pool in a group of groups.</summary>
        public static readonly IReadOnlyList<ConfigKey> Keys = [Labels, Provider, ProviderConfig, Scale.Section, Poll.Section];

        /// <summary>The keys of a pool in a list.</summary>
        public static readonly IReadOnlyList<ConfigKey> NamedKeys = [Name, .. Keys];
    }

    /// <summary>The pools.</summary>
    public static readonly NodeKey Pools = new(
        "pools",
        "Several pools, as a group of groups or a list. A pool takes `provider`, `provider_config`, `scale` and each key of `poll` from " +
        "the top of the file where it has none of its own.", "group or list of pools", ConfigSchema.OfPools);

    /// <summary>The keys at the top of the file.</summary>
    public static readonly IReadOnlyList<ConfigKey> Root =
    [
        Forgejo.Section, Tag, Scale.Section, Provider, ProviderConfig, Poll.Section, Ssh.Section, Runner.Section, Worker.Section, Pools,
        State.Section, History.Section, Log.Section, Telemetry.Section,
    ];
}
