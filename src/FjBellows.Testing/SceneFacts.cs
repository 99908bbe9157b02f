using FjBellows.Providers;
using Shouldly;

namespace FjBellows.Testing;

/// <summary>How a fact of the contract gets its scene, and what every failure is held against.</summary>
public abstract class SceneFacts
{
    /// <summary>The marks of the pool under test.</summary>
    public static Ownership Ours { get; } = Ownership.Of(new Uri("https://forge.example"), "orgs/acme", "acme-ci", "default");

    /// <summary>The marks of another deployment with the same tag.</summary>
    public static Ownership Theirs { get; } = Ownership.Of(new Uri("https://other.example"), "orgs/acme", "acme-ci", "default");

    /// <summary>A secret of the first-boot document.</summary>
    public const string PrivateLine = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB";

    /// <summary>Starts a scene.</summary>
    protected abstract Task<ICloudScene> StartAsync();

    /// <summary>What to create.</summary>
    /// <param name="userData">The first-boot document.</param>
    protected static InstanceSpec Spec(string name, string userData = "#cloud-config\nhostname: w\n") =>
        new(name, Ours, new Secret(userData), ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJr0 pool@host\n"]);

    private protected static void Arrange(ICloudScene scene, CloudTrouble trouble) =>
        scene.Arrange(trouble).ShouldBeTrue($"the scene cannot have {trouble}, and [Scene] does not say so");

    private protected static async Task<CloudException> FailureAsync(ICloudScene scene, CloudErrorKind kind, Func<Task> call)
    {
        var failure = await Should.ThrowAsync<CloudException>(call);
        failure.Kind.ShouldBe(kind, failure.Message);
        Harmless(scene, failure);
        return failure;
    }

    private protected static void Harmless(ICloudScene scene, CloudException failure)
    {
        foreach (var secret in scene.Secrets)
        {
            failure.ToString().ShouldNotContain(secret);
            scene.Log.ShouldAllBe(line => !line.Contains(secret, StringComparison.Ordinal));
        }
    }
}
