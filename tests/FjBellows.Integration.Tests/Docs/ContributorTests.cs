using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>What contributors start from agrees with what it stands for: templates, the devcontainer, the build script.</summary>
public sealed partial class ContributorTests
{
    [Fact]
    public void The_devcontainer_is_made_as_ci_is()
    {
        using var container = JsonDocument.Parse(File.ReadAllText(Repository.At(".devcontainer/devcontainer.json")));
        var workflow = File.ReadAllText(Repository.At(".forgejo/workflows/ci.yaml"));

        var image = container.RootElement.GetProperty("image").GetString()!;
        workflow.ShouldContain($"image: {image}");
        var create = container.RootElement.GetProperty("onCreateCommand").GetString()!;
        create.Split(" && ")[..2].ShouldAllBe(step => workflow.Contains(step));
        container.RootElement.GetProperty("postCreateCommand").GetString().ShouldBe("bash .ci/run parts && ./build");
    }

    [Fact]
    public void Issue_templates_ask_each_question_once_under_an_id()
    {
        var forms = Directory.GetFiles(Repository.At(".forgejo/issue_template"), "*.yaml").Where(f => Path.GetFileName(f) != "config.yaml")
            .ToArray();
        forms.Length.ShouldBeGreaterThan(1);
        foreach (var form in forms)
        {
            var fields = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(form));
            fields.Keys.ShouldBe(["name", "about", "labels", "body"], ignoreOrder: true, form);
            var questions = ((List<object>)fields["body"]).Cast<Dictionary<object, object>>().Where(q => (string)q["type"] != "markdown")
                .ToArray();
            questions.ShouldAllBe(q => ((Dictionary<object, object>)q["attributes"]).ContainsKey("label"), form);
            questions.Select(q => (string)q["id"]).ShouldBeUnique();
        }
    }

    [Fact]
    public void The_change_template_names_what_is_there()
    {
        var template = File.ReadAllText(Repository.At(".forgejo/pull_request_template.md"));
        foreach (var file in (string[])["CHANGELOG.md", ".ci/run"])
        {
            template.ShouldContain(file);
            File.Exists(Repository.At(file)).ShouldBeTrue(file);
        }
    }

    [Fact]
    public void The_build_script_tells_each_verb_that_it_has()
    {
        var script = File.ReadAllText(Repository.At("build"));
        var told = Told()
            .Matches(script[script.IndexOf("usage:", StringComparison.Ordinal)..script.IndexOf("\nTEXT", StringComparison.Ordinal)])
            .Select(m => m.Groups[1].Value);

        told.ShouldBe(Taken().Matches(script).Select(m => m.Groups[1].Value));
    }

    [GeneratedRegex(@"^  ([a-z]+) ", RegexOptions.Multiline)]
    private static partial Regex Told();

    [GeneratedRegex(@"^  ([a-z]+)\) ", RegexOptions.Multiline)]
    private static partial Regex Taken();
}
