using System.CommandLine;
using System.CommandLine.Parsing;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Commands;

/// <summary>The flags of the daemon. Those of the Go original keep their names, one or two dashes, and Go's ways to write values.</summary>
internal sealed class DaemonFlags
{
    private static readonly DaemonOptions Defaults = new();

    private readonly Option<string> _config = Text("config", "FILE", "The configuration.", Defaults.ConfigFile);
    private readonly Option<string> _lock = Text(
        "lock", "FILE", "Lock file that allows only one daemon on this host. It may exist already.", Defaults.LockFile);
    private readonly Option<string?> _runnerVersion = Optional(
        "runner-version", "VERSION",
        $"The forgejo-runner to install on workers. Default: runner.version, else {ConfigKeys.DefaultRunnerVersion}.");
    private readonly Option<bool> _drain = Switch(
        "drain",
        "On shutdown start no job and wait for running jobs. Without it the daemon stops at once; jobs keep running and are reattached " +
        "at the next start.");
    private readonly Option<TimeSpan> _drainTimeout = Duration(
        "drain-timeout", "How long -drain waits at most, such as 30m; 0 waits without limit.");
    private readonly Option<bool> _destroyOnExit = Switch(
        "destroy-on-exit", "On shutdown wait for running jobs as -drain does, then delete every worker. Use it for a permanent stop.");
    private readonly Option<string> _controlListen = Text(
        "control-listen", "ADDRESS",
        "Where the control plane listens; empty or off turns it off. Anything but loopback needs -control-token-file.",
        Defaults.ControlListen);
    private readonly Option<string?> _controlSocket = Optional(
        "control-socket", "FILE",
        "The unix socket of the control plane: root and the daemon's user need no token there. Default: control.sock in the state " +
        "directory; off turns it off.");
    private readonly Option<string?> _controlTokenFile = Optional(
        "control-token-file", "FILE",
        "File with the token that clients on -control-listen must send: for changes, and on other addresses than loopback for everything.");
    private readonly Option<bool> _enableControlWrites = Switch("enable-control-writes", "Allows control plane clients to change state.");
    private readonly Option<bool> _standby = Switch(
        "standby", "While another daemon decides for the pools, wait and take over when it ends, instead of exiting with code 3.");
    private readonly Option<string[]> _adoptPool = Names(
        "adopt-pool",
        "For this start, accept the configuration's identity of a pool whose workers the journal records under another one. For the " +
        "same account and Forgejo under another name.");
    private readonly Option<string[]> _forgetPool = Names(
        "forget-pool",
        "Removes a pool that the configuration no longer has from the journal, with its workers. Delete their instances yourself first.");
    private readonly Option<string?> _logFormat = Optional(
        "log-format", "human|json", "Lines for people, or JSON. Default: log.format.", "human", "json");
    private readonly Option<string?> _logLevel = Optional(
        "log-level", "LEVEL", "debug, info, warning or error. Default: log.level.", "debug", "info", "warning", "error");
    private readonly Option<string?> _state = Optional(
        "state", "DIR",
        "Where the journal is kept. Default: state.directory, $STATE_DIRECTORY, /var/lib/fj-bellows if writable, or fj-bellows under " +
        "the XDG state home.");

    /// <summary>Puts the flags on the root command; those that other commands read too are known below it.</summary>
    /// <param name="root">The root command.</param>
    public void AddTo(RootCommand root)
    {
        foreach (var option in (Option[])[
            _config, _lock, _runnerVersion, _controlListen, _controlSocket, _controlTokenFile, _logFormat, _logLevel, _state])
        {
            option.Recursive = true;
            root.Options.Add(option);
        }

        foreach (var option in (Option[])[_drain, _drainTimeout, _destroyOnExit, _enableControlWrites, _standby, _adoptPool, _forgetPool])
        {
            root.Options.Add(option);
        }
    }

    /// <summary>What was said.</summary>
    /// <param name="parsed">A command line without errors.</param>
    public DaemonOptions Read(ParseResult parsed) => new()
    {
        ConfigFile = parsed.GetValue(_config)!,
        LockFile = parsed.GetValue(_lock)!,
        RunnerVersion = parsed.GetValue(_runnerVersion),
        Drain = parsed.GetValue(_drain),
        DrainTimeout = parsed.GetValue(_drainTimeout),
        DestroyOnExit = parsed.GetValue(_destroyOnExit),
        ControlListen = parsed.GetValue(_controlListen)!,
        ControlSocket = parsed.GetValue(_controlSocket),
        ControlTokenFile = parsed.GetValue(_controlTokenFile) is { Length: > 0 } file ? file : null,
        EnableControlWrites = parsed.GetValue(_enableControlWrites),
        Standby = parsed.GetValue(_standby),
        AdoptPools = parsed.GetValue(_adoptPool) ?? [],
        ForgetPools = parsed.GetValue(_forgetPool) ?? [],
        LogFormat = parsed.GetValue(_logFormat),
        LogLevel = parsed.GetValue(_logLevel),
        StateDirectory = parsed.GetValue(_state),
    };

    /// <summary>Where the daemon that a command speaks with listens, as far as the command line says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The address, the socket and the token's file; each null when it is not given.</returns>
    public (string? Listen, string? Socket, string? TokenFile) ControlOf(ParseResult parsed) => (
        parsed.GetResult(_controlListen) is { Implicit: false } ? parsed.GetValue(_controlListen) : null,
        parsed.GetValue(_controlSocket) is { Length: > 0 } socket ? socket : null,
        parsed.GetValue(_controlTokenFile) is { Length: > 0 } file ? file : null);

    /// <summary>Flags that were given and that only the daemon and what reads its configuration has a use for.</summary>
    /// <param name="parsed">The command line.</param>
    public IReadOnlyList<string> GivenForDaemonOnly(ParseResult parsed) =>
        [.. ((Option[])[_config, _lock, _runnerVersion, _logFormat, _logLevel]).Where(o => parsed.GetResult(o) is { Implicit: false })
            .Select(o => o.Name)];

    /// <summary>Go's flag package takes 1, t and T for true, and 0, f and F for false; here they become the words.</summary>
    /// <param name="args">The arguments.</param>
    public string[] InWords(string[] args)
    {
        string[] switches =
            [.. ((Option[])[_drain, _destroyOnExit, _enableControlWrites, _standby]).SelectMany(o => o.Aliases.Append(o.Name))];
        return [.. args.Select(arg => arg.Split('=', 2) is [var name, var value] && switches.Contains(name)
            ? value switch
            {
                "1" or "t" or "T" => $"{name}=true",
                "0" or "f" or "F" => $"{name}=false",
                _ => arg,
            }
            : arg)];
    }

    private static Option<string> Text(string name, string value, string doc, string standard) =>
        new($"-{name}", $"--{name}") { Description = doc, HelpName = value, DefaultValueFactory = _ => standard };

    private static Option<string?> Optional(string name, string value, string doc, params string[] words)
    {
        var option = new Option<string?>($"-{name}", $"--{name}") { Description = doc, HelpName = value };
        if (words.Length > 0)
        {
            option.AcceptOnlyFromAmong(words);
        }

        return option;
    }

    private static Option<bool> Switch(string name, string doc) => new($"-{name}", $"--{name}")
    {
        Description = doc,
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static Option<string[]> Names(string name, string doc) =>
        new($"-{name}", $"--{name}") { Description = doc, HelpName = "POOL", Arity = ArgumentArity.OneOrMore };

    private static Option<TimeSpan> Duration(string name, string doc) => new($"-{name}", $"--{name}")
    {
        Description = doc,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            return !GoDuration.TryParse(text, out var value, out var problem)
                ? Refuse<TimeSpan>(result, $"-{name}: the duration '{text}' {problem}; write 30s, 10m or 1h30m")
                : value < TimeSpan.Zero ? Refuse<TimeSpan>(result, $"-{name}: '{text}' is negative")
                : value;
        },
    };

    private static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
