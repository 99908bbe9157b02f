using System.Security.Cryptography.X509Certificates;
using FjBellows.Forgejo;
using FjBellows.Ssh;

namespace FjBellows.Daemon.Configuration;

/// <summary>The Forgejo to serve.</summary>
/// <param name="Url">Its base URL.</param>
/// <param name="Token">The access token.</param>
/// <param name="Scope">Whose runners.</param>
internal sealed record ForgejoConfig(Uri Url, Secret Token, ForgejoScope Scope)
{
    /// <summary>How workers of a cloud reach it.</summary>
    public ForgejoReach Reach { get; init; } = ForgejoReach.Auto;

    /// <summary>Certificate authorities to trust beside the system's; null for none.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}
