using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.HostKeys;

namespace FjBellows.Integration.Tests.Ssh;

[Needs(Part.Root, Part.CloudInit)]
public class CloudInitSchemaTests
{
    [Fact]
    public async Task Every_kind_of_document_is_a_valid_cloud_config()
    {
        var cloudInit = PartCatalog.PathOf(Part.CloudInit);
        var directory = Directory.CreateTempSubdirectory("fjb-schema-");
        var key = HostKeyPair.Generate();
        (string Name, string User, HostKeyPair? Key, BootstrapSettings Settings)[] kinds =
        [
            ("plain", "root", key, new BootstrapSettings()),
            ("user", "runner", key, new BootstrapSettings { Docker = false }),
            ("unseeded", "root", null, new BootstrapSettings { PreparedImage = true }),
            ("full", "runner", key, new BootstrapSettings
            {
                Packages = ["git", "nodejs=20.1~rc1"],
                Run = "  # indented first line: \"quotes\" 'and' colons\n\n\techo ünïcödé 🙂 | cat <<'END'\n--- # not yaml\nEND\r\n",
            }),
        ];

        foreach (var (name, user, hostKey, settings) in kinds)
        {
            var file = Path.Combine(directory.FullName, name);
            await File.WriteAllTextAsync(
                file, CloudInit.Document(
                    new NewWorker("w-1", user, hostKey, [SshBench.Client.PublicKey + " a \"comment\""], "forgejo.example.com"), settings));
            (await Command.RunAsync(cloudInit, "schema", "--config-file", file)).ShouldContain("Valid cloud-config", customMessage: name);
        }

        directory.Delete(recursive: true);
    }
}
