using System.Text.Json;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Integration.Tests.Ssh;
using k8s;
using k8s.Models;
using YamlDotNet.Serialization;

namespace FjBellows.Integration.Tests.Deploy;

/// <summary>What is in deploy/ fits the program: its flags, its paths, its user. That each file is well-formed is shown by
/// deploy/validate.sh.</summary>
public sealed partial class ManifestTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-deploy-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Needs(Part.Kubectl)]
    public async Task The_kubernetes_objects_are_what_the_api_knows_and_fit_together()
    {
        var rendered = await Command.RunAsync(PartCatalog.PathOf(Part.Kubectl), "kustomize", Kustomization());
        var objects = KubernetesYaml.LoadAllFromString(rendered, null, strict: true);

        var set = objects.OfType<V1StatefulSet>().ShouldHaveSingleItem();
        set.Spec.Replicas.ShouldBe(1);
        set.Spec.Selector.MatchLabels.ShouldBeSubsetOf(set.Spec.Template.Metadata.Labels);
        objects.OfType<V1Service>().ShouldHaveSingleItem().Spec.Selector.ShouldBeSubsetOf(set.Spec.Template.Metadata.Labels);
        objects.OfType<V1NetworkPolicy>().ShouldHaveSingleItem().Spec.PodSelector.MatchLabels
            .ShouldBeSubsetOf(set.Spec.Template.Metadata.Labels);
        objects.OfType<IKubernetesObject<V1ObjectMeta>>().Where(o => o is not V1Namespace)
            .ShouldAllBe(o => o.Metadata.NamespaceProperty == "fj-bellows");

        var pod = set.Spec.Template.Spec;
        var container = pod.Containers.ShouldHaveSingleItem();
        container.VolumeMounts.Select(m => m.Name)
            .ShouldBe(
                pod.Volumes.Select(v => v.Name).Concat(set.Spec.VolumeClaimTemplates.Select(c => c.Metadata.Name)), ignoreOrder: true);
        ((V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe])
            .ShouldAllBe(p => p.HttpGet.Port == container.Ports[0].Name);
        container.VolumeMounts.Single(m => m.Name == "state").MountPath.ShouldBe("/var/lib/fj-bellows");
        FlagsAreKnown(container.Args);

        // The pod security standard that the namespace enforces.
        pod.SecurityContext.RunAsNonRoot.ShouldBe(true);
        pod.SecurityContext.RunAsUser.ShouldBe(65532);
        pod.SecurityContext.SeccompProfile.Type.ShouldBe("RuntimeDefault");
        container.SecurityContext.AllowPrivilegeEscalation.ShouldBe(false);
        container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);

        // The generated names are what the pod mounts.
        var sources = pod.Volumes.Single(v => v.Projected is not null).Projected.Sources;
        objects.OfType<V1ConfigMap>().ShouldHaveSingleItem().Metadata.Name
            .ShouldBe(sources.Single(s => s.ConfigMap is not null).ConfigMap.Name);
        var secret = objects.OfType<V1Secret>().ShouldHaveSingleItem();
        secret.Metadata.Name.ShouldBe(sources.Single(s => s.Secret is not null).Secret.Name);
        sources.Single(s => s.Secret is not null).Secret.Items.Select(i => i.Key).ShouldBe(secret.Data.Keys, ignoreOrder: true);
    }

    [Fact]
    public void The_compose_file_starts_the_program_with_flags_that_it_has_and_a_configuration_that_it_takes()
    {
        var compose = new DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(File.ReadAllText(Repository.At("deploy/compose/compose.yaml")));
        var service = (Dictionary<object, object>)((Dictionary<object, object>)compose["services"])["fj-bellows"];
        FlagsAreKnown([.. ((List<object>)service["command"]).Cast<string>()]);

        var config = File.ReadAllText(Repository.At("deploy/compose/config.yaml"));
        config.ShouldContain("network: " + ((Dictionary<object, object>)((Dictionary<object, object>)compose["networks"])["ci"])["name"]);
        var token = Path.Combine(_directory, "forgejo-token");
        File.WriteAllText(token, "0123456789abcdef0123456789abcdef01234567");
        var file = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(file, config.Replace("/run/secrets/forgejo-token", token, StringComparison.Ordinal));
        var loaded = ConfigLoader.LoadFile(file, ProviderModules.BuiltIn);
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty(string.Join('\n', loaded.Findings));
    }

    [Fact]
    public void The_unit_starts_the_program_with_flags_that_it_has_and_does_not_restart_what_does_not_mend_itself()
    {
        var unit = IniOf("deploy/systemd/fj-bellows.service");
        var start = unit["Service.ExecStart"].Split(' ');
        start[0].ShouldBe("/opt/fj-bellows/fj-bellows");
        FlagsAreKnown(start[1..]);
        unit["Service.RestartPreventExitStatus"].Split(' ')
            .ShouldBe([.. ((ExitCode[])[ExitCode.Usage, ExitCode.Locked, ExitCode.State]).Select(c => $"{(int)c}")]);
        unit["Service.ExecReload"].ShouldBe("/bin/kill -HUP $MAINPID");
        unit["Service.SuccessExitStatus"].ShouldBe($"{(int)ExitCode.Interrupted}");
        File.ReadAllText(Repository.At("deploy/systemd/fj-bellows.sysusers.conf")).ShouldContain($"u {unit["Service.User"]} ");
    }

    [Fact]
    public void The_quadlet_is_of_keys_that_podman_knows_and_starts_the_program_with_flags_that_it_has()
    {
        // From podman-systemd.unit(5); the other sections are systemd's own.
        string[] known =
            ["Image", "ContainerName", "User", "Group", "ReadOnly", "NoNewPrivileges", "DropCapability", "Tmpfs", "Exec", "PublishPort",
                "Volume", "Secret", "HealthCmd", "HealthInterval", "HealthTimeout", "HealthStartPeriod"];
        var unit = IniOf("deploy/podman/fj-bellows.container");
        unit.Keys.Where(k => k.StartsWith("Container.", StringComparison.Ordinal)).Select(k => k["Container.".Length..])
            .ShouldBeSubsetOf(known);
        FlagsAreKnown(unit["Container.Exec"].Split(' '));
        var health = JsonSerializer.Deserialize<string[]>(unit["Container.HealthCmd"])!;
        health[0].ShouldBe("/opt/fj-bellows/fj-bellows");
        FlagsAreKnown(health[1..]);
        IniOf("deploy/podman/fj-bellows-state.volume")["Volume.VolumeName"].ShouldBe("fj-bellows-state");
    }

    [Fact]
    public void Every_alert_leads_to_its_section_of_the_operations_page()
    {
        var headings = File.ReadLines(Repository.At("docs/operations.md")).Where(l => l.StartsWith("### ", StringComparison.Ordinal))
            .Select(l => l[4..]).ToHashSet();
        var rules = File.ReadAllText(Repository.At("deploy/prometheus/rules.yaml"));
        var alerts = Alert().Matches(rules).Select(m => (Name: m.Groups[1].Value, Runbook: m.Groups[2].Value)).ToArray();

        alerts.Length.ShouldBeGreaterThan(5);
        alerts.ShouldAllBe(a => headings.Contains(a.Name) && a.Runbook == $"docs/operations.md#{a.Name.ToLowerInvariant()}");
        headings.Where(h => h.StartsWith("FjBellows", StringComparison.Ordinal)).ShouldBe(alerts.Select(a => a.Name), ignoreOrder: true);
    }

    [Fact]
    public void The_worker_image_has_a_runner_that_the_program_takes()
    {
        var dockerfile = File.ReadAllText(Repository.At("deploy/worker/Dockerfile"));
        var version = RunnerArgument().Match(dockerfile).Groups[1].Value;
        RunnerVersion.Problem(version).ShouldBeNull();
        version.ShouldBe(ConfigKeys.DefaultRunnerVersion);
    }

    private static void FlagsAreKnown(IEnumerable<string> args)
    {
        var parsed = CommandLine.Parse([.. args], TextWriter.Null);
        parsed.Errors.Select(e => e.Message).ShouldBeEmpty(string.Join(' ', args));
    }

    /// <summary>A copy of deploy/kubernetes with the files that an operator puts there.</summary>
    private string Kustomization()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.At("deploy/kubernetes"), "*.yaml"))
        {
            File.Copy(file, Path.Combine(_directory, Path.GetFileName(file)));
        }

        File.Copy(Repository.At("config.example.yaml"), Path.Combine(_directory, "config.yaml"), overwrite: true);
        Directory.CreateDirectory(Path.Combine(_directory, "secrets"));
        foreach (var name in (string[])["forgejo-token", "linode-token", "ssh-key", "control-token"])
        {
            File.WriteAllText(Path.Combine(_directory, "secrets", name), name);
        }

        return _directory;
    }

    /// <summary>The values of a unit file by section and key; of a key that is there twice, the last.</summary>
    private static Dictionary<string, string> IniOf(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in File.ReadLines(Repository.At(path)).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not '#'))
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
            }
            else
            {
                values[$"{section}.{line[..line.IndexOf('=', StringComparison.Ordinal)]}"] =
                    line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
            }
        }

        return values;
    }

    [GeneratedRegex(@"- alert: (\w+)(?:(?!- alert:).)*?runbook_url: (\S+)", RegexOptions.Singleline)]
    private static partial Regex Alert();

    [GeneratedRegex("ARG RUNNER_VERSION=(.+)")]
    private static partial Regex RunnerArgument();
}
