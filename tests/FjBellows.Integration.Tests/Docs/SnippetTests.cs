using System.Text;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Integration.Tests.Ssh;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>
/// Every block of README and docs is held against something: configurations against the daemon's loader, C# against the code it is taken
/// from, commands of ours against the command line, paths against the repository. What is of no known kind fails, so that nothing untested
/// gets in. That the steps work, one after the other, is shown by <see cref="PageTests"/>.
/// </summary>
public sealed partial class SnippetTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-docs-").FullName;

    public static TheoryData<string> Blocks() => [.. Snippet.All.Select(s => s.ToString())];

    /// <summary>Where the program is named inside a sentence.</summary>
    public static TheoryData<string> Spans() =>
        [.. Snippet.Pages().SelectMany(p => Span().Matches(Fence().Replace(File.ReadAllText(Repository.At(p)), "")))
            .Select(m => m.Groups[1].Value).Distinct()];

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
                Repository.Sources().Any(f => Squeezed(File.ReadAllText(f)).Contains(Squeezed(snippet.Text), StringComparison.Ordinal))
                    .ShouldBeTrue($"{block}: no source file has this code");
                break;
            case "":
                // A picture or what a program prints: no command hides in it.
                snippet.Text.Split('\n').Select(l => l.TrimStart(' ', '$'))
                    .ShouldAllBe(
                        l => !l.StartsWith("fj-bellows ", StringComparison.Ordinal) && !l.StartsWith("dotnet ", StringComparison.Ordinal));
                break;
            default:
                Assert.Fail($"{block}: nothing tests blocks of '{snippet.Language}'");
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void A_command_inside_a_sentence_is_one(string command) => Parses("a sentence", Split(command)[1..]);

    [Fact]
    public void The_table_of_commands_has_all_and_no_other()
    {
        var rows = File.ReadLines(Repository.At("docs/control.md")).SkipWhile(l => l != "| command | |").Skip(2)
            .TakeWhile(l => l.StartsWith('|')).Select(l => l.Split("` |")[0] + "`").ToArray();
        rows.Length.ShouldBeGreaterThan(10);
        var named = new HashSet<string>();
        foreach (var spans in rows.Select(row => Quoted().Matches(row).Select(m => m.Groups[1].Value).ToArray()))
        {
            // `pause`, `resume` `[POOL]`: what stands apart in brackets belongs to each; `bash`, `zsh` are other last words of the first.
            var optional = string.Join(' ', spans.Where(s => s.StartsWith('[')));
            var commands = spans.Where(s => !s.StartsWith('[')).ToArray();
            var first = commands[0].Split(' ')[0];
            foreach (var command in commands.Select(c => first == "completion" && c != commands[0] ? $"{first} {c}" : c))
            {
                var words = Optional().Replace($"{command} {optional}", " $1 ");
                named.Add(words.Split(' ')[0]);
                Parses("docs/control.md",
                    [.. Split(words).Select(w => w == "N" ? "3" : w == "S" ? "idle" : w == "J" ? "17" : w == "T" ? "warning" : w)]);
            }
        }

        var known = CommandLine.Parse([], TextWriter.Null).RootCommandResult.Command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        named.ShouldBe(known.Except(["check", "demo", "simulate", "cost", "schema", "help"]), ignoreOrder: true);
    }

    [Fact]
    public async Task The_demo_ends_well()
    {
        Snippet.All.SelectMany(s => s.Commands()).ShouldContain("dotnet run --project src/FjBellows.Daemon -- demo");
        await Command.RunAsync(
            "/bin/bash", "-euc",
            $"cd '{_directory}'; dotnet {Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll")} demo --jobs 2 --max 1 --speed 10");
    }

    private static string Squeezed(string code) => Blank().Replace(code, "");

    private string At(string name) => Path.Combine(_directory, name);

    private async Task IsSoundShellAsync(Snippet snippet)
    {
        await Command.RunAsync("/bin/bash", "-nc", snippet.Text);
        foreach (var line in snippet.Commands())
        {
            foreach (var command in Separators().Split(Substitution().Replace(line, "1"))
                .Select(c => Redirection().Replace(Assignment().Replace(c.Trim(), ""), "").Trim()))
            {
                IsKnown(snippet, command);
            }

            // Where the steps are carried out, they make some of their files themselves.
            foreach (var name in RepositoryPath().Matches(line).Select(m => m.Value.TrimEnd('.', ','))
                .Where(_ => !PageTests.Runs(snippet.Page)))
            {
                (File.Exists(Repository.At(name)) || Directory.Exists(Repository.At(name))).ShouldBeTrue($"{snippet}: there is no {name}");
            }
        }
    }

    private static void IsKnown(Snippet snippet, string command)
    {
        var words = Split(command);
        var ours = words switch
        {
            ["dotnet", "run", "--project", "src/FjBellows.Daemon", "--", .. var args] => args,
            ["docker", "exec", _, "/opt/fj-bellows/fj-bellows", .. var args] => args,
            ["docker", "run", .. var rest] when Array.IndexOf(rest, "fj-bellows", Array.LastIndexOf(rest, "-v") + 2) is >= 0
                and var image => rest[(image + 1)..],
            [var program, .. var args] when Path.GetFileName(program) == "fj-bellows" => args,
            _ => null,
        };
        if (ours is not null)
        {
            Parses(snippet.ToString(), ours);
            return;
        }

        switch (words)
        {
            case ["bash" or "sh", var script, ..]:
                File.Exists(Repository.At(script)).ShouldBeTrue($"{snippet}: there is no {script}");
                break;
            case [var script, .. var args] when script.StartsWith("tests/", StringComparison.Ordinal):
                var text = File.ReadAllText(Repository.At(script));
                args.Where(a => a.StartsWith("--", StringComparison.Ordinal))
                    .ShouldAllBe(a => text.Contains(a, StringComparison.Ordinal), $"{snippet}: {command}");
                break;
            case ["dotnet", "build" or "test", ..]:
                break;
            case ["dotnet", "run", "-c", "Release", "--project", var project, "--", .. var options]:
                var program = File.ReadAllText(Repository.At($"{project}/Program.cs"));
                options.TakeWhile(o => o != "#").Where(o => o.StartsWith("--", StringComparison.Ordinal))
                    .ShouldAllBe(o => program.Contains($"\"{o}\"", StringComparison.Ordinal), $"{snippet}: {command}");
                break;
            case ["systemctl", "start" or "stop", var unit]:
                File.Exists(Repository.At($"deploy/systemd/{unit}.service")).ShouldBeTrue($"{snippet}: there is no unit {unit}");
                break;
            case ["./build", .. var verb]:
                File.ReadAllText(Repository.At("build"))
                    .ShouldContain($"\n  {verb.FirstOrDefault("build")}) ", Case.Sensitive, $"{snippet}: {command}");
                break;
            case ["curl", ..] when snippet.Page == "docs/control.md":
                // Sent to a control plane by CurlTests.
                break;
            default:
                PageTests.Runs(snippet.Page).ShouldBeTrue($"{snippet}: nothing tests '{command}'");
                break;
        }
    }

    private static string[] Split(string command) => [.. Words().Matches(command).Select(m => m.Value.Trim('"', '\''))];

    private static void Parses(string place, string[] args) =>
        CommandLine.Parse(args, TextWriter.Null).Errors.Select(e => e.Message).ShouldBeEmpty($"{place}: {string.Join(' ', args)}");

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
        foreach (var secret in (string[])["forgejo-token", "linode-token", "hetzner-token", "digitalocean-token", "ssh-key"])
        {
            File.WriteAllText(At(secret), "0123456789abcdef0123456789abcdef01234567");
        }

        var text = snippet.Text + "\n" + string.Join('\n', rest.Where(r => !present.Contains(r.Key)).Select(r => $"{r.Key}: {r.Text}")) +
            "\n";
        // The only variable that a page uses.
        text = text.Replace("${LINODE_TOKEN}", "0123456789abcdef0123456789abcdef01234567", StringComparison.Ordinal);
        var loaded = ConfigLoader.Load(
            At("config.yaml"), Encoding.UTF8.GetBytes(text), ProviderModules.BuiltIn, ConfigSources.OfProcess(At("config.yaml")));
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty($"{snippet}: {string.Join('\n', loaded.Findings)}");
    }

    [GeneratedRegex(@"`(fj-bellows [^`]*)`")]
    private static partial Regex Span();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\[([^\]]*)\]")]
    private static partial Regex Optional();

    [GeneratedRegex(@"^\s*```.*?^\s*```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

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
