using System.Text;
using CsCheck;
using FjBellows.Dispatch;
using FjBellows.Sandbox.Local;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>Invariant S5 against real shells: what is quoted here arrives there, byte for byte.</summary>
[Trait("Invariant", "S5")]
public sealed class QuotingTests
{
    private const int Strings = 10_000;
    private const int Batch = 200;

    private static readonly Gen<string> Bytes = Gen.Byte.Array[0, 40].Select(bytes => Encoding.Latin1.GetString(bytes).Replace('\0', '\n'));
    private static readonly Gen<string> Unicode = Gen.Char.Array[0, 40].Select(chars =>
        string.Concat(new string(chars).EnumerateRunes().Where(rune => rune.Value != 0)));
    private static readonly string[] Pieces =
    [
        "'", "\"", "\\", "$(id)", "`id`", "\n", "\r", ";", "&", "|", "*", "~", "#", "!", " ", "\t", "--", "-n", "%s", "\u001b[31m",
        "FJ_BELLOWS_CONFIG_END", "$HOME",
    ];

    private static readonly Gen<string> Hostile = Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 8].Select(string.Concat);

    private static readonly Gen<string[]> Words = Gen.OneOf(Bytes, Unicode, Hostile).Array[Batch];

    [Fact]
    public async Task Ten_thousand_random_strings_reach_a_program_as_they_are()
    {
        var root = Directory.CreateTempSubdirectory("fjb-quote-").FullName;
        await using var shell = new LocalShell(root);
        var file = Path.Combine(root, "seen");
        var tried = 0;
        foreach (var words in Words.Array[Strings / Batch].Single())
        {
            // A separate program prints them, as the runner would be given them.
            var result = await shell.RunAsync(
                $"/usr/bin/env printf '%s\\0' {ShellQuoting.Join(words)} > {ShellQuoting.Quote(file)}", new Secret(""),
                CancellationToken.None);

            result.ExitCode.ShouldBe(0, result.Error);
            Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).Split('\0')[..^1].ShouldBe(words);
            tried += words.Length;
        }

        tried.ShouldBe(Strings);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Handles_labels_and_uuids_of_any_text_reach_the_runner()
    {
        await using var bench = new DispatchBench();
        var words = Words.Single().Where(word => word.Length > 0).ToArray();
        var launch = new JobLaunch(DispatchBench.Id, words[0], new Secret(DispatchBench.Token), words[2..], words[1]);

        await bench.Session.StartAsync(launch, CancellationToken.None);
        await bench.Session.FollowAsync(DispatchBench.Id, null, CancellationToken.None);

        var seen = (await bench.SeenAsync("argv")).Split('\0')[..^1];
        After("--uuid").ShouldBe(words[0]);
        seen[^1].ShouldBe(words[1]);
        seen[9..^2].Where((_, i) => i % 2 == 1).ShouldBe(words[2..]);

        string After(string flag) => seen[Array.IndexOf(seen, flag) + 1];
    }

    [Fact]
    public async Task A_directory_with_a_difficult_name_is_only_a_directory()
    {
        await using var bench = new DispatchBench(setup: setup => setup with
        {
            JobsDirectory = setup.JobsDirectory + "/it's $(touch pwned) a;b",
            WorkDirectory = setup.WorkDirectory + "/`touch pwned` \"c\"",
        });

        await bench.Session.StartAsync(DispatchBench.Launch(), CancellationToken.None);
        (await bench.Session.FollowAsync(DispatchBench.Id, null, CancellationToken.None)).ExitCode.ShouldBe(0);
        (await bench.Session.InspectAsync(CancellationToken.None)).Count.ShouldBe(1);
        await bench.Session.CleanAsync(DispatchBench.Id, CancellationToken.None);

        Directory.EnumerateFileSystemEntries(bench.Root, "pwned", SearchOption.AllDirectories).ShouldBeEmpty();
        (await bench.Session.InspectAsync(CancellationToken.None)).ShouldBeEmpty();
    }
}
