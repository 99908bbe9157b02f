using System.Security.Cryptography.X509Certificates;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

/// <summary>Which Forgejo is asked, as whom, for what.</summary>
public sealed record ForgejoSettings
{
    /// <summary>The address people use: <c>https://forge.example</c>, with a path where Forgejo lives below one.</summary>
    public required Uri Url { get; init; }

    /// <summary>An access token of an account that may manage the scope's runners.</summary>
    public required Secret Token { get; init; }

    /// <summary>Whose runners and jobs.</summary>
    public required ForgejoScope Scope { get; init; }

    /// <summary>The labels whose jobs are asked for.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>Certificate authorities that are trusted beside the system's, for a Forgejo whose certificate comes from a private
    /// one.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>The longest a single request may take, its answer included (invariant R1).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
