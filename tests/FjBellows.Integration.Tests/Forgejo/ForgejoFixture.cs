using FjBellows.Forgejo;
using FjBellows.Jobs;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>What the client's tests share: a token that must show up nowhere, and clients for a canned server.</summary>
internal static class ForgejoFixture
{
    public const string Token = "pat-0123456789abcdef";

    public static ForgejoClient Client(
        Uri url, string scope = "orgs/acme", TimeSpan? timeout = null, TimeProvider? time = null, params string[] labels) =>
        new(
            new ForgejoSettings
            {
                Url = url,
                Token = new Secret(Token),
                Scope = ForgejoScope.Parse(scope),
                Labels = LabelSet.Parse(labels.Length == 0 ? ["docker", "arm64:host"] : labels),
                Timeout = timeout ?? TimeSpan.FromSeconds(30),
            },
            time);

    /// <summary>The failure of a call, checked for what no failure may hold.</summary>
    public static async Task<ForgejoException> FailureAsync(Func<Task> call)
    {
        var failure = await Should.ThrowAsync<ForgejoException>(call);
        failure.ToString().ShouldNotContain(Token);
        return failure;
    }
}
