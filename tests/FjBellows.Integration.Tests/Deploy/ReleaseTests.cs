using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using FjBellows.Integration.Tests.Docs;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Deploy;

/// <summary>
/// The scripts that make a release, run as the workflow runs them, for this machine's architecture. The other one's program is made by the
/// same line of archives.sh; a test of it would fetch that architecture's runtime at every run.
/// </summary>
[Needs(Part.Git)]
public sealed class ReleaseTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-release-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_archive_has_what_its_checksum_says_and_a_program_that_runs()
    {
        var (rid, machine) = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? ("linux-arm64", 183) : ("linux-x64", 62);
        await Command.RunAsync("/bin/bash", Repository.At("deploy/release/archives.sh"), "v0.0.0", _directory, rid);
        await Command.RunAsync("/bin/bash", Repository.At("deploy/release/sbom.sh"), "v0.0.0", _directory);
        await Command.RunAsync("/bin/bash", Repository.At("deploy/release/checksums.sh"), _directory);

        await Command.RunAsync("/bin/bash", "-euc", $"cd '{_directory}'; sha256sum -c SHA256SUMS; tar -xzf *.tar.gz");
        var materials = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, "fj-bellows-0.0.0.cdx.json")))!;
        ((string?)materials["metadata"]!["component"]!["version"]).ShouldBe("0.0.0");
        var parts = materials["components"]!.AsArray().Select(c => (string)c!["name"]!).ToArray();
        parts.ShouldContain("Akka");
        parts.ShouldNotContain("Grpc.Tools");
        var content = Path.Combine(_directory, $"fj-bellows-0.0.0-{rid}");
        Directory.EnumerateFiles(content, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(content, f))
            .ShouldBe(PageTests.ReleaseFiles, ignoreOrder: true);
        foreach (var file in (string[])["fj-bellows", "libe_sqlite3.so"])
        {
            Machine(Path.Combine(content, file)).ShouldBe(machine, file);
        }

        var program = Path.Combine(content, "fj-bellows");
        (await Command.RunAsync(program, "--version")).ShouldStartWith("0.0.0");
        // SQLite's library is found beside the program, from anywhere.
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "config.yaml"),
            "forgejo: {url: \"http://127.0.0.1:9\", token: canary-token, scope: admin, labels: [docker]}\ntag: release-ci\nprovider: " +
            "local\n");
        await JournalCheck.PrepareAsync(JournalSettings.Sqlite(Path.Combine(_directory, "state")), CancellationToken.None);
        (await Command.RunAsync(
            program, "cost", "-config", Path.Combine(_directory, "config.yaml"), "--state", Path.Combine(_directory, "state")))
                .ShouldNotBeEmpty();
    }

    /// <summary>For which processor a program is: e_machine of its ELF header.</summary>
    private static int Machine(string file)
    {
        using var stream = File.OpenRead(file);
        var header = new byte[20];
        stream.ReadExactly(header);
        header.AsSpan(0, 4).SequenceEqual("\u007fELF"u8).ShouldBeTrue($"{file} is no program");
        return BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18));
    }
}
