namespace FjBellows.Testing;

/// <summary>Declares what the provider and the scene of a class of contract tests can do. Facts about anything else are no tests of that
/// class, and the contract holds the declaration against the provider and the scene, so it can neither promise nor hide anything.</summary>
/// <param name="parts">What the provider does beyond the four calls.</param>
/// <param name="lacks">What cannot go wrong at will in the scene.</param>
[AttributeUsage(AttributeTargets.Class)]
public class SceneAttribute(SceneParts parts, params CloudTrouble[] lacks) : Attribute
{
    /// <summary>What the provider does beyond the four calls.</summary>
    public SceneParts Parts => parts;

    /// <summary>What cannot go wrong at will in the scene.</summary>
    public IReadOnlyList<CloudTrouble> Lacks => lacks;

    /// <summary>What is declared for a class.</summary>
    /// <param name="contract">The class of contract tests.</param>
    /// <exception cref="InvalidOperationException">Nothing is.</exception>
    internal static SceneAttribute Of(Type contract) =>
        (SceneAttribute?)GetCustomAttribute(contract, typeof(SceneAttribute))
        ?? throw new InvalidOperationException($"{contract} runs the contract of providers and declares no scene; put [Scene(...)] on it");
}
