using System.Text;
using FjBellows.Integration.Tests.Docker;
using FjBellows.Integration.Tests.Ssh;
using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>
/// The steps of a page are carried out as they are printed, one after the other, in one shell, on a machine of their own (page.sh):
/// installing, making tokens and keys, copying, compose's reading of its file, kubectl's rendering, every command of the program. Not
/// carried out is what needs a registry, an engine, a cluster or systemd as the first process; there the files and the environment are
/// looked at.
/// </summary>
[Needs(Part.Root, Part.MountNamespaces, Part.DockerCompose, Part.Kubectl, Part.OpenSsl, Part.Promtool, Part.Sqlite3, Part.SshKeygen,
    Part.SystemdTools)]
public sealed class PageTests : IDisposable
{
    /// <summary>What a release's archive contains.</summary>
    public static readonly string[] ReleaseFiles =
    [
        "CHANGELOG.md", "LICENSE", "config.example.yaml", "fj-bellows", "libe_sqlite3.so", "systemd/fj-bellows.service",
        "systemd/fj-bellows.service.d/docker.conf",
        "systemd/fj-bellows.service.d/linode.conf", "systemd/fj-bellows.sysusers.conf",
    ];

    private const string Secret = "0123456789abcdef0123456789abcdef01234567";

    /// <summary>What an operator does between two steps, as the text of the page tells; by the step that comes next.</summary>
    private static readonly Dictionary<string, string> Between = new()
    {
        // README.md
        ["out/fj-bellows check -config config.yaml"] = "cp ../quick-start.yaml config.yaml",
        ["ssh-keygen -t ed25519 -N \"\" -f ssh-key"] = "cp ../linode.yaml config.yaml",
        ["out/fj-bellows -config arm.yaml -lock arm.lock --state arm -control-listen 127.0.0.1:9877"] =
            "out/fj-bellows check -config config.yaml; cp config.yaml arm.yaml",
        // docs/operations.md
        ["systemctl daemon-reload"] = $"echo {Secret} > /etc/fj-bellows/forgejo-token",
        ["CREDENTIALS_DIRECTORY=/etc/fj-bellows ./fj-bellows check -config /etc/fj-bellows/config.yaml"] =
            "cd fj-bellows-*-linux-x64; cp ../../unit.yaml /etc/fj-bellows/config.yaml",
        ["install -D -m 644 config.yaml /etc/fj-bellows/config.yaml"] =
            $"cp ../quick-start.yaml config.yaml; echo {Secret} | tee forgejo-token linode-token ssh-key",
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-page-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Whether a page's commands are carried out here.</summary>
    public static bool Runs(string page) => page is "README.md" or "docs/operations.md" or "docs/cost.md" or "docs/providers.md";

    [Theory]
    [InlineData("README.md", "config.yaml forgejo-token:600 linode-token:600 ssh-key:600 ssh-key.pub")]
    [InlineData("docs/operations.md", """
        /opt/fj-bellows/fj-bellows:755 /opt/fj-bellows/libe_sqlite3.so:644 /usr/local/bin/fj-bellows /etc/systemd/system/fj-bellows.service:644
        /etc/fj-bellows/config.yaml /etc/fj-bellows/control-token deploy/compose/secret-key:600 deploy/compose/control-token:644 deploy/compose/forgejo-token:644
        /etc/containers/systemd/fj-bellows.container:644 deploy/kubernetes/secrets/ssh-key /var/backups/fj-bellows.db
        """)]
    [InlineData("docs/cost.md", "wolverine.ct")]
    [InlineData("docs/providers.md", "src/FjBellows.Providers.Mycloud/FjBellows.Providers.Mycloud.csproj")]
    public async Task The_steps_work_as_they_are_printed(string page, string leaves)
    {
        await SetUpAsync();
        var script = new StringBuilder();
        foreach (var snippet in Snippet.All.Where(s => s.Page == page && s.Language == "sh"))
        {
            // Whoever follows the page comes back to where the repository is, and types what `cat` reads.
            script.AppendLine("cd \"$OLDROOT\"; exec < ../typed");
            foreach (var line in snippet.Text.Split('\n'))
            {
                script.AppendLine(Between.GetValueOrDefault(line.Trim())).Append("echo '+' ").AppendLine(Quoted(line)).AppendLine(line);
            }
        }

        script.AppendLine("cd \"$OLDROOT\"");
        foreach (var (file, mode) in leaves.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            .Select(l => (l.Split(':')[0], l.Split(':').ElementAtOrDefault(1))))
        {
            script.AppendLine($"test -s {file} || {{ echo 'the steps leave no {file}'; exit 1; }}");
            script.AppendLine(
                mode is null ? "" : $"test $(stat -c %a {file}) = {mode} || {{ echo '{file} has another mode than {mode}'; exit 1; }}");
        }

        await File.WriteAllTextAsync(At("script"), $"OLDROOT=$PWD\n{script}");
        await Command.RunAsync(
            "/usr/bin/unshare", "--mount", "/bin/bash", Path.Combine(AppContext.BaseDirectory, "infra", "page.sh"), _directory,
            At("script"), Path.Combine(DockerHost.DotnetRoot, "dotnet"), Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll"));
    }

    private static string Quoted(string line) => $"'{line.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private string At(string name) => Path.Combine(_directory, name);

    /// <summary>What there is before the first step: the repository, a release of it, what a daemon left, and what the operator has written
    /// or will type.</summary>
    private async Task SetUpAsync()
    {
        foreach (var file in Files())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At($"repo/{file}"))!);
            File.Copy(Repository.At(file), At($"repo/{file}"));
        }

        var written = Snippet.All.Where(s => s is { Page: "README.md", Language: "yaml" }).Select(s => s.Text).ToArray();
        await File.WriteAllTextAsync(At("quick-start.yaml"), written[0]);
        await File.WriteAllTextAsync(At("linode.yaml"), written[1]);
        await File.WriteAllTextAsync(
            At("unit.yaml"),
            written[0].Replace("file:forgejo-token", "file:$CREDENTIALS_DIRECTORY/forgejo-token", StringComparison.Ordinal));
        await File.WriteAllTextAsync(At("typed"), Secret + "\n");
        await File.WriteAllTextAsync(At("repo/wolverine.ct"), "1772000000\n1772000100\n1772003000\n");

        // A release's archive whose program is this assembly's; what is in a real one is held against it by ReleaseTests.
        await JournalCheck.PrepareAsync(JournalSettings.Sqlite(At("state")), CancellationToken.None);
        var content = At("repo/fj-bellows-0.0.0-linux-x64");
        foreach (var file in ReleaseFiles)
        {
            var source = file switch
            {
                "fj-bellows" or "libe_sqlite3.so" => null,
                _ when file.StartsWith("systemd/", StringComparison.Ordinal) => $"deploy/{file}",
                _ => file,
            };
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(content, file))!);
            if (source is not null)
            {
                File.Copy(Repository.At(source), Path.Combine(content, file));
            }
        }

        await File.WriteAllTextAsync(Path.Combine(content, "fj-bellows"), $"#!/bin/sh\nexec {At("late/fj-bellows")} \"$@\"\n");
        await File.WriteAllTextAsync(Path.Combine(content, "libe_sqlite3.so"), "a library\n");
        File.Copy(At("unit.yaml"), Path.Combine(content, "config.example.yaml"), overwrite: true);
        await Command.RunAsync(
            "/bin/bash", "-euc",
            $"cd {At("repo")}; chmod 755 */fj-bellows; tar -czf fj-bellows-0.0.0-linux-x64.tar.gz fj-bellows-0.0.0-linux-x64; rm -r " +
            $"fj-bellows-0.0.0-linux-x64; sha256sum *.tar.gz > SHA256SUMS; echo '{new string('0', 64)}  " +
            $"fj-bellows-0.0.0-linux-arm64.tar.gz' >> SHA256SUMS");
    }

    /// <summary>What the steps use of the repository.</summary>
    private static IEnumerable<string> Files() =>
        ((string[])["config.example.yaml", "FjBellows.sln", "Directory.Build.props", "Directory.Packages.props"])
        .Concat(((string[])["deploy", "samples"]).SelectMany(d => Under(d, "*")))
        .Concat(((string[])["src", "tests"]).SelectMany(d => Under(d, "*.csproj")));

    private static IEnumerable<string> Under(string directory, string pattern) =>
        Directory.EnumerateFiles(Repository.At(directory), pattern, SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f))
            .Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal));
}
