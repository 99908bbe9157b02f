using Xunit;
using Xunit.Sdk;

namespace FjBellows.Testing;

/// <summary>A fact of the contract. It is a test only of classes whose provider has the part that the fact is about; with
/// <see cref="UnderAttribute"/>, once for each of its troubles that the scene can have.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("FjBellows.Testing.ContractFactDiscoverer", "FjBellows.Testing")]
public sealed class ContractFactAttribute : FactAttribute
{
    /// <summary>The part that the fact is about.</summary>
    public SceneParts About { get; init; }
}

/// <summary>A trouble in which a fact of the contract must hold.</summary>
/// <param name="trouble">What goes wrong; the fact's first argument.</param>
/// <param name="arguments">The fact's further arguments.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class UnderAttribute(CloudTrouble trouble, params object[] arguments) : Attribute
{
    /// <summary>What goes wrong.</summary>
    public CloudTrouble Trouble => trouble;

    /// <summary>All arguments of the fact.</summary>
    internal object[] Arguments => [trouble, .. arguments];
}
