using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Providers;

/// <summary>A scene whose requests and answers are all held against the vendor's schema.</summary>
/// <param name="parts">What the provider does beyond the four calls.</param>
/// <param name="lacks">What else cannot go wrong in the scene.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class BehindSchemaAttribute(SceneParts parts, params CloudTrouble[] lacks)
    : SceneAttribute(parts, [.. Undocumented, .. lacks])
{
    /// <summary>Answers that no vendor documents: they would be taken for the stand-in's mistakes.</summary>
    public static CloudTrouble[] Undocumented { get; } =
        [CloudTrouble.LostCreateAnswer, CloudTrouble.LostDeleteAnswer, CloudTrouble.ProxysNotFound, CloudTrouble.ListIsHtml,
            CloudTrouble.UnknownStatus];
}
