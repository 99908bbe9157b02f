using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FjBellows.Testing;

/// <summary>Finds the tests that a fact of the contract is for one class: none, one, or one for each trouble.</summary>
/// <param name="diagnostics">Where xunit wants messages about test cases.</param>
public sealed class ContractFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc />
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        ArgumentNullException.ThrowIfNull(testMethod);
        ArgumentNullException.ThrowIfNull(factAttribute);
        var scene = SceneAttribute.Of(testMethod.TestClass.Class.ToRuntimeType());
        var method = testMethod.Method.ToRuntimeMethod();
        var troubles = method.GetCustomAttributes<UnderAttribute>().ToList();
        if (!scene.Parts.HasFlag(factAttribute.GetNamedArgument<SceneParts>(nameof(ContractFactAttribute.About))))
        {
            return [];
        }

        return troubles.Count == 0
            ? [Case(null)]
            : troubles.Where(t => !scene.Lacks.Contains(t.Trouble))
                .Select(t => Case(method.GetParameters().Length == 0 ? null : t.Arguments));

        IXunitTestCase Case(object[]? arguments) =>
            new XunitTestCase(
                diagnostics, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod,
                arguments);
    }
}
