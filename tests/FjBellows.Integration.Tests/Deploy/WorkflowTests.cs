using YamlDotNet.Serialization;

namespace FjBellows.Integration.Tests.Deploy;

/// <summary>What a linter of workflows cannot know: the images and builders that the steps ask for.</summary>
public sealed class WorkflowTests
{
    /// <summary>Every job of every workflow: its file, its image, its steps' commands in order.</summary>
    private static readonly (string File, string? Image, string[] Runs)[] Jobs =
        [.. Directory.EnumerateFiles(Repository.At(".forgejo/workflows"), "*.yaml").SelectMany(file =>
        Map(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(file))["jobs"]).Values.Select(Map)
            .Select(job => (
            Path.GetFileName(file),
            job.TryGetValue("container", out var container) ? (string?)Map(container)["image"] : null,
            ((List<object>)job["steps"]).Select(Map).Where(s => s.ContainsKey("run")).Select(s => (string)s["run"]).ToArray())))];

    [Fact]
    public void The_whole_build_runs_on_the_debian_whose_packages_it_installs()
    {
        var whole = Jobs.Where(j => j.Runs.Contains("bash .ci/run")).ToArray();

        whole.Select(j => j.File).ShouldBe(["ci.yaml", "release.yaml"], ignoreOrder: true);
        whole.ShouldAllBe(j => j.Image == "debian:12");
        File.ReadLines(Repository.At(".ci/run")).ElementAt(1).ShouldContain("Debian 12");
        // That image has neither the actions' Node nor an SDK.
        whole.ShouldAllBe(
            j => j.Runs[0].Contains(" nodejs npm ", StringComparison.Ordinal) && j.Runs[0].Contains(" git ", StringComparison.Ordinal));
        whole.ShouldAllBe(
            j => j.Runs.TakeWhile(r => r != "bash .ci/run").Any(r => r.Contains("--jsonfile global.json", StringComparison.Ordinal)));
    }

    [Fact]
    public void Images_of_two_architectures_are_made_by_a_builder_that_can()
    {
        var builds =
            Jobs.Where(
                j => j.Runs
                    .Any(r => r.Contains("buildx build", StringComparison.Ordinal) && r.Contains("--platform", StringComparison.Ordinal)))
                        .ToArray();

        builds.Length.ShouldBe(2);
        builds.ShouldAllBe(
            j => j.Runs.TakeWhile(r => !r.Contains("buildx build", StringComparison.Ordinal))
                .Contains("docker buildx create --use --driver docker-container"));
    }

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;
}
