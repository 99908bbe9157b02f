using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Providers;

/// <summary>A scene on this machine, in which nothing goes wrong at will.</summary>
/// <param name="parts">What the provider does beyond the four calls.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OwnHardwareAttribute(SceneParts parts) : SceneAttribute(parts, Enum.GetValues<CloudTrouble>());
