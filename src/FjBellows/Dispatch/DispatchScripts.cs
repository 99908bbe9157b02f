using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace FjBellows.Dispatch;

/// <summary>Puts together what is run on a worker: variables with quoted values, the common prelude, and the script of the deed.
/// Pure text; the scripts themselves are the files in Scripts/.</summary>
internal sealed class DispatchScripts
{
    /// <summary>The word that begins a follower's last line.</summary>
    public const string Verdict = "fj-bellows-exit";

    /// <summary>What a clean-up exits with when the dispatch still runs.</summary>
    public const int StillBusy = 75;

    private static readonly ImmutableDictionary<string, string> Texts =
        ImmutableDictionary.CreateRange(
            new[] { "prelude", "launch", "run", "follow", "inspect", "signal", "endwait", "clean", "ready" }
                .Select(name => KeyValuePair.Create(name, Load(name))));

    private readonly RunnerSetup _setup;

    /// <summary>The scripts of one pool's workers.</summary>
    /// <param name="setup">The pool's runners.</param>
    /// <exception cref="FormatException">The setup cannot work; the message says why.</exception>
    public DispatchScripts(RunnerSetup setup)
    {
        if (setup.RunnerCommand.Count == 0 || setup.RunnerCommand[0].Length == 0)
        {
            throw new FormatException("the runner's command is empty; write its path, such as /usr/local/bin/forgejo-runner");
        }

        foreach (var directory in new[] { setup.JobsDirectory, setup.WorkDirectory, setup.CacheDirectory })
        {
            if (directory is null)
            {
                continue;
            }

            if (!directory.StartsWith('/') || directory.TrimEnd('/').Length == 0 || directory.Any(char.IsControl))
            {
                throw new FormatException(
                    $"'{directory}' cannot hold dispatches: it must be an absolute directory on the worker below /, without control " +
                    $"characters");
            }
        }

        _setup = setup with
        {
            JobsDirectory = setup.JobsDirectory.TrimEnd('/'),
            WorkDirectory = setup.WorkDirectory.TrimEnd('/'),
            CacheDirectory = setup.CacheDirectory?.TrimEnd('/'),
        };
    }

    /// <summary>Starts a dispatch.</summary>
    /// <param name="launch">What to run.</param>
    /// <returns>The command, which holds no secret, and its standard input, which holds them all.</returns>
    /// <exception cref="FormatException">A value cannot be sent.</exception>
    public (string Command, Secret Input) Launch(JobLaunch launch)
    {
        var token = launch.Token.Reveal();
        if (token.Length == 0 || token.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
        {
            throw new FormatException("the runner's token is empty or holds a line break or NUL");
        }

        var command = Compose("launch", launch.Dispatch, ("program", _setup.RunnerCommand[0]), ("run", Run(launch)));
        return (command, new Secret(token + "\nwhole\n"));
    }

    /// <summary>Waits for a dispatch's end; the output ends with a line of <see cref="Verdict"/> and the exit code or <c>-</c>.</summary>
    /// <param name="from">The first line of the log to hand over, counted from 1; null for its tail alone.</param>
    public string Follow(DispatchId dispatch, long? from) =>
        Compose("follow", dispatch, ("from", from?.ToString(CultureInfo.InvariantCulture) ?? ""), ("verdict", Verdict));

    /// <summary>Lists dispatches.</summary>
    public string Inspect() => Compose("inspect", null);

    /// <summary>Sends a signal; the output is <c>alive</c> or <c>gone</c>, as the runner is afterwards.</summary>
    public string Signal(DispatchId dispatch, RunnerSignal signal) =>
        Compose("signal", dispatch, ("signal", signal == RunnerSignal.Kill ? "KILL" : "TERM"));

    /// <summary>Ends a waiting runner between two of its requests; the output is <c>ended</c>, <c>task</c>, <c>unanswered</c>, <c>late</c>
    /// or <c>gone</c>.</summary>
    public string EndWait(DispatchId dispatch) => Compose(
        "endwait", dispatch, ("interval", JobLaunch.FetchInterval.TotalSeconds.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Removes what a dispatch left behind; exits with <see cref="StillBusy"/> while it runs.</summary>
    public string Clean(DispatchId dispatch) => Compose("clean", dispatch, ("docker", DockerWord));

    /// <summary>Asks whether a job could run; the first line of the output is <c>ready</c>, <c>wait</c> or <c>failed</c>.</summary>
    public string Ready() =>
        Compose("ready", null, WithRunner(["--version"]),
            ("docker", DockerWord), ("report", _setup.ReadyReportFile ?? ""), ("boot_log", _setup.BootLogFile ?? ""),
            ("floor", _setup.DiskFloor is { } floor ? (floor.Bytes / 1024).ToString(CultureInfo.InvariantCulture) : ""),
            ("floor_percent", (_setup.DiskFloor?.Percent ?? 0).ToString(CultureInfo.InvariantCulture)),
            ("cache", _setup.CacheDirectory ?? ""));

    private string DockerWord => _setup.Docker switch
    {
        DockerUse.Own => "own",
        DockerUse.Shared => "shared",
        _ => "none",
    };

    /// <summary>What becomes the runner on the worker.</summary>
    internal string Run(JobLaunch launch)
    {
        var directory = $"{_setup.JobsDirectory}/{launch.Dispatch}";
        List<string> words =
        [
            "one-job",
            "--url", _setup.ForgejoUrl,
            "--uuid", launch.Uuid,
            "--token-url", $"file:{directory}/token",
            "--config", $"{directory}/config.yaml",
        ];
        if (launch.Wait)
        {
            words.AddRange(
                ["--wait", "--fetch-interval", string.Create(CultureInfo.InvariantCulture, $"{JobLaunch.FetchInterval.TotalSeconds}s")]);
        }

        foreach (var label in launch.Labels)
        {
            words.Add("--label");
            words.Add(label);
        }

        // Invariant J3: a job without a handle is asked for without one.
        if (launch.Handle.Length > 0)
        {
            words.Add("--handle");
            words.Add(launch.Handle);
        }

        var config =
            $"write_config() {{ printf '%s\\n' {ShellQuoting.Quote(RunnerConfig.Render(_setup, launch))} > \"$d/config.yaml\"; }}\n";
        return Compose("run", launch.Dispatch, config + WithRunner(words));
    }

    /// <summary>A shell function that runs the words it is given, followed by the runner's own.</summary>
    private string WithRunner(IEnumerable<string> words) =>
        $"with_runner() {{ \"$@\" {ShellQuoting.Join(_setup.RunnerCommand.Concat(words))}; }}\n";

    private string Compose(string script, DispatchId? dispatch, params ReadOnlySpan<(string Name, string Value)> variables) =>
        Compose(script, dispatch, "", variables);

    private string Compose(
        string script, DispatchId? dispatch, string functions, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var text = new StringBuilder();
        Assign("jobs", _setup.JobsDirectory);
        Assign("work", _setup.WorkDirectory);
        Assign("id", dispatch is { } named ? Checked(named) : "");
        Assign("helper", _setup.UnitHelper ?? "");
        foreach (var (name, value) in variables)
        {
            Assign(name, value);
        }

        return text.Append(functions).Append(Texts["prelude"]).Append(Texts[script]).ToString();

        void Assign(string name, string value) => text.Append(name).Append('=').Append(ShellQuoting.Quote(value)).Append('\n');
    }

    /// <summary>A dispatch names a directory: nothing but its own alphabet may come near a path.</summary>
    private static string Checked(DispatchId dispatch) =>
        dispatch.Value is { Length: > 0 and <= 128 } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? id
            : throw new FormatException($"'{dispatch}' is not a dispatch: ids are 1 to 128 letters, digits and hyphens");

    private static string Load(string name)
    {
        using var stream = typeof(DispatchScripts).Assembly.GetManifestResourceStream($"FjBellows.Dispatch.Scripts.{name}.sh")
            ?? throw new InvalidOperationException($"the script {name}.sh is missing from the assembly");
        using var reader = new StreamReader(stream);

        // Comments are for readers here; a command line has no room to waste.
        var lines = reader.ReadToEnd().Split('\n').Where(line => !line.AsSpan().TrimStart().StartsWith('#'));
        return string.Join('\n', lines);
    }
}
