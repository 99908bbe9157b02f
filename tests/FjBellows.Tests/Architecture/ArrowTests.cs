using System.Reflection;
using System.Xml.Linq;
using FjBellows.Tests.Architecture.WrongArrow.Lower;
using NetArchTest.Rules;

namespace FjBellows.Tests.Architecture;

/// <summary>The one direction of arrows, between the library's folders and between projects, as docs/architecture.md says it.</summary>
public sealed class ArrowTests
{
    /// <summary>Each folder uses what stands before it, and nothing that stands after it.</summary>
    private static readonly string[] Folders =
    [
        "FjBellows.Time", "FjBellows.Jobs", "FjBellows.Billing", "FjBellows.Dispatch", "FjBellows.Providers", "FjBellows.Ledger",
        "FjBellows.Setup", "FjBellows.Workers", "FjBellows.Pool", "FjBellows.Costs", "FjBellows.Hosting",
    ];

    /// <summary>What each project may refer to, itself and through others.</summary>
    private static readonly Dictionary<string, string[]> Projects = new(StringComparer.Ordinal)
    {
        ["FjBellows"] = [],
        ["FjBellows.Forgejo"] = ["FjBellows"],
        ["FjBellows.Ssh"] = ["FjBellows"],
        ["FjBellows.Journal"] = ["FjBellows"],
        ["FjBellows.Sandbox"] = ["FjBellows"],
        ["FjBellows.Testing"] = ["FjBellows"],
        ["FjBellows.Providers.Docker"] = ["FjBellows"],
        ["FjBellows.Providers.Rest"] = ["FjBellows"],
        ["FjBellows.Providers.DigitalOcean"] = ["FjBellows.Providers.Rest"],
        ["FjBellows.Providers.Exec"] = ["FjBellows.Providers.Rest"],
        ["FjBellows.Providers.Hetzner"] = ["FjBellows.Providers.Rest"],
        ["FjBellows.Providers.Linode"] = ["FjBellows.Providers.Rest"],
        ["FjBellows.Daemon"] =
        [
            "FjBellows", "FjBellows.Forgejo", "FjBellows.Journal", "FjBellows.Sandbox", "FjBellows.Ssh", "FjBellows.Providers.DigitalOcean",
            "FjBellows.Providers.Docker", "FjBellows.Providers.Exec", "FjBellows.Providers.Hetzner", "FjBellows.Providers.Linode",
        ],
    };

    public static TheoryData<string> EachFolder => [.. Folders];

    [Theory]
    [MemberData(nameof(EachFolder))]
    public void A_folder_of_the_library_uses_only_what_stands_before_it(string folder)
    {
        Types.InAssembly(typeof(Secret).Assembly).That().ResideInNamespace(folder).GetTypes().ShouldNotBeEmpty();

        WrongArrows(typeof(Secret).Assembly, folder, Folders.SkipWhile(f => f != folder).Skip(1)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_of_the_library_has_its_place()
    {
        var found = typeof(Secret).Assembly.GetTypes().Select(t => t.Namespace).OfType<string>()
            .Where(n => n.StartsWith("FjBellows", StringComparison.Ordinal))
            .Select(n => string.Join('.', n.Split('.').Take(2))).Distinct();

        found.Order(StringComparer.Ordinal).ShouldBe(Folders.Append("FjBellows").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_wrong_arrow_is_found()
    {
        var room = typeof(ArrowTests).Namespace + ".WrongArrow";

        WrongArrows(typeof(ArrowTests).Assembly, room + ".Lower", [room + ".Upper"]).ShouldBe([typeof(Worker).FullName!]);
        WrongArrows(typeof(ArrowTests).Assembly, room + ".Upper", [room + ".Lower"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_project_refers_only_to_what_is_below_it()
    {
        var found = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetFileNameWithoutExtension(file)!,
            file => XDocument.Load(file).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value.Split('\\', '/')[^1])
                .Select(name => name.Replace(".csproj", "", StringComparison.Ordinal)).ToList());

        found.Keys.Order(StringComparer.Ordinal).ShouldBe(Projects.Keys.Order(StringComparer.Ordinal));
        foreach (var (project, references) in found)
        {
            references.Except(Projects[project]).ShouldBeEmpty($"{project} refers to what is not below it");
        }
    }

    private static string[] WrongArrows(Assembly assembly, string folder, IEnumerable<string> after)
    {
        string[] later = [.. after];
        return later.Length == 0
            ? []
            : [.. Types.InAssembly(assembly).That().ResideInNamespace(folder).And().HaveDependencyOnAny(later).GetTypes()
                .Select(t => t.FullName)];
    }
}
