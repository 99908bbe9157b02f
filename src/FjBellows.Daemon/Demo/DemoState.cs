using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using FjBellows.Daemon.Commands;

namespace FjBellows.Daemon.Demo;

/// <summary>The demo's directory: the stand-in's state, the configuration, the journal, the workers. A demo that was killed goes on from
/// it.</summary>
/// <param name="Port">The stand-in's port; workers that outlived a demo report to it.</param>
/// <param name="Token">The access token.</param>
/// <param name="Resumed">True when an earlier demo left it.</param>
internal sealed record DemoState(string Directory, int Port, Secret Token, bool Resumed)
{
    /// <summary>The stand-in's jobs, runners and tasks.</summary>
    public string ForgeFile => Path.Combine(Directory, "forgejo.json");

    /// <summary>The configuration that the pool runs with: the daemon takes it too.</summary>
    public string ConfigFile => Path.Combine(Directory, "config.yaml");

    /// <summary>Keeps a second demo out.</summary>
    public string LockFile => Path.Combine(Directory, "demo.lock");

    /// <summary>The token of the demo's control plane: its `exec` is a shell of whoever runs the demo.</summary>
    public string ControlTokenFile => Path.Combine(Directory, "control-token");

    /// <summary>Opens or makes a directory.</summary>
    /// <param name="directory">The directory; null for a fresh one.</param>
    /// <exception cref="CommandException">It cannot be used.</exception>
    public static DemoState Open(string? directory)
    {
        try
        {
            var path = directory is null
                ? System.IO.Directory.CreateTempSubdirectory("fj-bellows-demo-").FullName
                : Path.GetFullPath(directory);
            System.IO.Directory.CreateDirectory(path);
            var file = Path.Combine(path, "demo");
            if (File.Exists(file) && File.ReadAllLines(file) is [var port, var token])
            {
                return new DemoState(path, int.Parse(port, CultureInfo.InvariantCulture), new Secret(token), Resumed: true);
            }

            var state = new DemoState(
                path, QuietPort.Find(IPAddress.Loopback), new Secret(RandomNumberGenerator.GetHexString(40, lowercase: true)),
                Resumed: false);
            WritePrivately(file, string.Create(CultureInfo.InvariantCulture, $"{state.Port}\n{state.Token.Reveal()}\n"));
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"the demo cannot use {directory ?? "a temporary directory"} ({e.Message}); name another with --state DIR, or remove " +
                $"what an older version left there");
        }
    }

    /// <summary>Writes the configuration.</summary>
    /// <param name="options">The demo's options.</param>
    /// <param name="labels">The labels that its jobs ask for.</param>
    public void WriteConfig(DemoOptions options, IEnumerable<string> labels)
    {
        var runner = options.Runner is { } path
            ? $"\n  runner_command: ['{Path.GetFullPath(path).Replace("'", "''", StringComparison.Ordinal)}']"
            : "";
        File.WriteAllText(ConfigFile, $"""
            # Written by 'fj-bellows demo': the production pool against a stand-in, with a shortened billing hour.
            forgejo:
              url: http://127.0.0.1:{Port}
              token: file:{Path.Combine(Directory, "token")}
              scope: admin
              labels: [{string.Join(", ", labels.Select(l => $"'{l}:host'"))}]
            tag: fjb-demo
            scale: {"{"} max: {options.Max} {"}"}
            provider: local
            provider_config:
              directory: '{Path.Combine(Directory, "local").Replace("'", "''", StringComparison.Ordinal)}'
              billing: hour
              access: auto
              boot_time: {Go(options.Boot)}{runner}
            poll:
              interval: 2s
              billing_hour: {Go(options.Hour)}
              hour_margin: {Go(options.Margin)}
              instances_interval: 5s
            """ + "\n");
        WritePrivately(Path.Combine(Directory, "token"), Token.Reveal());
    }

    /// <summary>The token of the demo's control plane, made at the first start.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public Secret MakeControlToken()
    {
        if (!File.Exists(ControlTokenFile))
        {
            WritePrivately(ControlTokenFile, RandomNumberGenerator.GetHexString(64, lowercase: true) + "\n");
        }

        var (token, problem) = Control.ControlToken.Read(ControlTokenFile);
        return token ?? throw new CommandException(ExitCode.Usage, $"{problem!.Message}; {problem.Fix}");
    }

    /// <summary>Removes everything.</summary>
    public void Remove() => System.IO.Directory.Delete(Directory, recursive: true);

    private static void WritePrivately(string path, string text)
    {
        // Made for the owner only from the beginning: a mode that is set later leaves a moment in which others can read.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    private static string Go(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");
}
