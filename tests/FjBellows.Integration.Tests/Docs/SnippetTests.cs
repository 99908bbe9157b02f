using System.Text;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>
/// Every block of README and docs is run or parsed: configurations by the daemon's loader, C# against the code it is taken from, commands by the
/// shell and by who carries them out. What is of no known kind fails, so that nothing untested gets in.
/// </summary>
public sealed partial class SnippetTests : IDisposable
{
    /// <summary>Programs that are not ours and whose arguments are not looked at, but for the paths of this repository.</summary>
    private static readonly string[] Tools =
    [
        "cat", "cd", "cp", "curl", "docker", "install", "journalctl", "kubectl", "openssl", "promtool", "sha256sum", "sqlite3", "systemctl", "systemd-sysusers", "tar",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-docs-").FullName;

    public static TheoryData<string> Blocks() => [.. Snippet.All.Select(s => s.ToString())];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_block_is_of_a_kind_that_is_held_against_something(string block)
    {
        var snippet = Snippet.All.Single(s => s.ToString() == block);
        switch (snippet.Language)
        {
            case "sh":
                await IsSoundShellAsync(snippet);
                break;
            case "yaml":
                IsTakenByTheLoader(snippet);
                break;
            case "csharp":
                Repository.Sources().Any(f => Squeezed(File.ReadAllText(f)).Contains(Squeezed(snippet.Text), StringComparison.Ordinal)).ShouldBeTrue($"{block}: no source file has this code");
                break;
            case "":
                // A picture or what a program prints: no command hides in it.
                snippet.Text.Split('\n').Select(l => l.TrimStart(' ', '$')).ShouldAllBe(l => !l.StartsWith("fj-bellows ", StringComparison.Ordinal) && !l.StartsWith("dotnet ", StringComparison.Ordinal));
                break;
            default:
                Assert.Fail($"{block}: nothing tests blocks of '{snippet.Language}'");
                break;
        }
    }

    [Fact]
    public async Task The_demo_ends_well()
    {
        Documented("dotnet run --project src/FjBellows.Daemon -- demo");
        await RunAsync($"{Program} demo --jobs 2 --max 1 --speed 10");
    }

    [Fact]
    public async Task The_quick_starts_files_pass_the_check_as_printed()
    {
        await RunAsync(Documented("install -m 600 /dev/null forgejo-token && cat > forgejo-token"), "0123456789abcdef0123456789abcdef01234567\n");
        await File.WriteAllTextAsync(At("config.yaml"), Snippet.All.First(s => s is { Page: "README.md", Language: "yaml" }).Text);
        (await RunAsync(Documented("out/fj-bellows check -config config.yaml").Replace("out/fj-bellows", Program, StringComparison.Ordinal) + " --offline --state .")).ShouldContain("0 errors");
    }

    [SkippableFact]
    public async Task A_backup_of_the_journal_can_be_opened()
    {
        Part.Find("sqlite3", "sqlite3");
        await JournalCheck.PrepareAsync(JournalSettings.Sqlite(At("state")), CancellationToken.None);
        Directory.CreateDirectory(At("backups"));

        await RunAsync(Documented("sqlite3 /var/lib/fj-bellows/journal.db \".backup '/var/backups/fj-bellows.db'\"")
            .Replace("/var/lib/fj-bellows", At("state"), StringComparison.Ordinal).Replace("/var/backups", At("backups"), StringComparison.Ordinal));

        Directory.CreateDirectory(At("restored"));
        File.Move(At("backups/fj-bellows.db"), At("restored/journal.db"));
        await JournalCheck.PrepareAsync(JournalSettings.Sqlite(At("restored")), CancellationToken.None);
    }

    [SkippableFact]
    public async Task The_control_planes_token_is_long_enough()
    {
        Part.Find("openssl", "openssl");
        Directory.CreateDirectory(At("deploy/compose"));
        await RunAsync(Documented("openssl rand -hex 32 > deploy/compose/control-token"));
        (await File.ReadAllTextAsync(At("deploy/compose/control-token"))).Trim().Length.ShouldBe(64);
    }

    /// <summary>The program that this assembly was built with.</summary>
    private static string Program => $"dotnet {Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll")}";

    /// <summary>A line that a page really has: a test of a command that no page shows any more would show nothing.</summary>
    private static string Documented(string command)
    {
        Snippet.All.Where(s => s.Language == "sh").SelectMany(s => s.Commands()).ShouldContain(command);
        return command;
    }

    private static string Squeezed(string code) => Blank().Replace(code, "");

    private string At(string name) => Path.Combine(_directory, name);

    private async Task<string> RunAsync(string command, string input = "")
    {
        await File.WriteAllTextAsync(At("input"), input);
        return await Command.RunAsync("/bin/bash", "-euc", $"cd '{_directory}'; {{ {command}; }} < input");
    }

    private async Task IsSoundShellAsync(Snippet snippet)
    {
        await Command.RunAsync("/bin/bash", "-nc", snippet.Text);
        foreach (var line in snippet.Commands())
        {
            foreach (var command in Separators().Split(Substitution().Replace(line, "1")).Select(c => Redirection().Replace(Assignment().Replace(c.Trim(), ""), "").Trim()))
            {
                IsKnown(snippet, command);
            }

            foreach (Match path in RepositoryPath().Matches(line))
            {
                var name = path.Value.TrimEnd('.', ',');
                // What an operator puts there, and what the command itself makes.
                if (!name.EndsWith("-token", StringComparison.Ordinal) && !name.EndsWith("/FjBellows.Providers.Mycloud", StringComparison.Ordinal))
                {
                    (File.Exists(Repository.At(name)) || Directory.Exists(Repository.At(name))).ShouldBeTrue($"{snippet}: there is no {name}");
                }
            }
        }
    }

    private static void IsKnown(Snippet snippet, string command)
    {
        var words = Words().Matches(command).Select(m => m.Value.Trim('"', '\'')).ToArray();
        switch (words)
        {
            case ["dotnet", "run", "--project", var project, "--", .. var args] when project == "src/FjBellows.Daemon":
                Parses(snippet, args);
                break;
            case ["dotnet", "run", ..]:
                words.ShouldContain("--project", $"{snippet}: {command}");
                break;
            case ["dotnet", "build" or "test" or "publish" or "restore" or "format" or "sln", ..]:
                break;
            case ["bash" or "sh", var script, ..]:
                File.Exists(Repository.At(script)).ShouldBeTrue($"{snippet}: there is no {script}");
                break;
            case [var program, .. var args] when Path.GetFileName(program) == "fj-bellows":
                Parses(snippet, args);
                break;
            case [var script, .. var args] when script.StartsWith("tests/", StringComparison.Ordinal) || script.StartsWith("deploy/", StringComparison.Ordinal):
                var text = File.ReadAllText(Repository.At(script));
                args.Where(a => a.StartsWith("--", StringComparison.Ordinal)).ShouldAllBe(a => text.Contains(a, StringComparison.Ordinal), $"{snippet}: {command}");
                break;
            case ["docker", "exec", _, "/opt/fj-bellows/fj-bellows", .. var args]:
                Parses(snippet, args);
                break;
            default:
                words.Length.ShouldBeGreaterThan(0, $"{snippet}: {command}");
                Tools.ShouldContain(words[0], $"{snippet}: nothing tests '{command}'");
                break;
        }
    }

    private static void Parses(Snippet snippet, string[] args) =>
        CommandLine.Parse(args, TextWriter.Null).Errors.Select(e => e.Message).ShouldBeEmpty($"{snippet}: {string.Join(' ', args)}");

    /// <summary>A configuration as it stands, or a piece of one: then the rest comes from a whole one.</summary>
    private void IsTakenByTheLoader(Snippet snippet)
    {
        var present = TopLevelKey().Matches(snippet.Text).Select(m => m.Groups[1].Value).ToHashSet();
        present.ShouldNotBeEmpty(snippet.ToString());
        (string Key, string Text)[] rest =
        [
            ("forgejo", "{url: https://git.example.org, token: file:forgejo-token, scope: admin, labels: [docker, deploy, nightly]}"),
            ("tag", "docs-ci"),
            ("provider", "linode"),
            ("provider_config", "{region: nl-ams, type: g6-standard-1, image: linode/debian12, token: file:linode-token}"),
            ("ssh", "{private_key_file: ssh-key}"),
        ];
        foreach (var secret in (string[])["forgejo-token", "linode-token", "ssh-key"])
        {
            File.WriteAllText(At(secret), "0123456789abcdef0123456789abcdef01234567");
        }

        var text = snippet.Text + "\n" + string.Join('\n', rest.Where(r => !present.Contains(r.Key)).Select(r => $"{r.Key}: {r.Text}")) + "\n";
        // The only variable that a page uses.
        text = text.Replace("${LINODE_TOKEN}", "0123456789abcdef0123456789abcdef01234567", StringComparison.Ordinal);
        var loaded = ConfigLoader.Load(At("config.yaml"), Encoding.UTF8.GetBytes(text), ProviderModules.BuiltIn, ConfigSources.OfProcess(At("config.yaml")));
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty($"{snippet}: {string.Join('\n', loaded.Findings)}");
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"^([a-z_]+):", RegexOptions.Multiline)]
    private static partial Regex TopLevelKey();

    [GeneratedRegex(@"\$\([^()]*\)")]
    private static partial Regex Substitution();

    [GeneratedRegex(@"&&|\|\||[|;]|\s&$")]
    private static partial Regex Separators();

    [GeneratedRegex(@"^([A-Z_]+=\S*\s+)+")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\s*\d?>+\s*\S+|\s*<\s*\S+")]
    private static partial Regex Redirection();

    [GeneratedRegex("""("[^"]*"|'[^']*'|[^\s"']+)+""")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?<![\w/.-])(?:src|tests|deploy|docs|samples|\.ci)/[\w./-]+")]
    private static partial Regex RepositoryPath();
}
