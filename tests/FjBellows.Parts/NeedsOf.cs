using Xunit;
using Xunit.Abstractions;

namespace FjBellows.Parts;

/// <summary>Finds what a test needs: on its method, its class and their ancestors, and on the fixtures of the class and of its
/// collection.</summary>
internal static class NeedsOf
{
    public static IReadOnlyList<Part> Case(ITestCase testCase)
    {
        var @class = testCase.TestMethod.TestClass;
        return [.. new[]
        {
            Parts(testCase.TestMethod.Method.GetCustomAttributes(typeof(NeedsAttribute))),
            Type(@class.Class),
            Fixtures(@class.Class, typeof(IClassFixture<>)),
            @class.TestCollection.CollectionDefinition is { } definition
                ? Fixtures(definition, typeof(ICollectionFixture<>)).Concat(Type(definition))
                : [],
        }.SelectMany(p => p).Distinct()];
    }

    private static IEnumerable<Part> Type(ITypeInfo type) => Parts(type.GetCustomAttributes(typeof(NeedsAttribute)));

    private static IEnumerable<Part> Fixtures(ITypeInfo type, Type fixture) => type.ToRuntimeType().GetInterfaces()
        .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == fixture)
        .SelectMany(
            i => i.GetGenericArguments()[0].GetCustomAttributes(typeof(NeedsAttribute), inherit: true).Cast<NeedsAttribute>()
                .SelectMany(n => n.Parts));

    private static IEnumerable<Part> Parts(IEnumerable<IAttributeInfo> attributes) =>
        attributes.SelectMany(a => ((NeedsAttribute)((IReflectionAttributeInfo)a).Attribute).Parts);
}
