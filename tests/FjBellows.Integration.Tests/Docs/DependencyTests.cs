using System.Xml.Linq;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>Each package has its reason, and is used.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Versions = Names("Directory.Packages.props", "PackageVersion");

    [Fact]
    public void The_table_of_dependencies_has_every_package_and_no_other() =>
        File.ReadLines(Repository.At("docs/decisions/0007-dependencies.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1)
            .SelectMany(l => l.Split('|')[1].Split(',', StringSplitOptions.TrimEntries)).ShouldBe(Versions, ignoreOrder: true);

    [Fact]
    public void Every_package_is_used()
    {
        var used = ((string[])["src", "tests", "samples"])
            .SelectMany(d => Directory.EnumerateFiles(Repository.At(d), "*.csproj", SearchOption.AllDirectories))
            .Append("Directory.Build.props")
            .SelectMany(f => Names(f, "PackageReference"));
        // Of these only the version is raised, which another package asks for.
        Versions.Except(used)
            .ShouldBe(["Microsoft.Extensions.Hosting", "Microsoft.Extensions.Http", "Microsoft.Extensions.ObjectPool"], ignoreOrder: true);
    }

    private static string[] Names(string file, string element) =>
        [.. XDocument.Load(Repository.At(file)).Descendants(element).Select(e => (string)e.Attribute("Include")!)];
}
