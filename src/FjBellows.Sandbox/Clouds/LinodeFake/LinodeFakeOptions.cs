namespace FjBellows.Sandbox.Clouds;

/// <summary>What the stand-in for Linode is like.</summary>
public sealed record LinodeFakeOptions
{
    /// <summary>The one token it accepts; any when null.</summary>
    public string? Token { get; init; }

    /// <summary>The scopes it says the token has.</summary>
    public string Scopes { get; init; } = "*";

    /// <summary>True for a user with grants instead of an unrestricted one.</summary>
    public bool Restricted { get; init; }

    /// <summary>The grants of a restricted user, such as <c>add_linodes</c>.</summary>
    public IReadOnlyList<string> Grants { get; init; } = ["add_linodes", "add_firewalls", "add_placement_groups", "add_vpcs"];

    /// <summary>How many instances the account may own.</summary>
    public int Quota { get; init; } = 5000;

    /// <summary>How many members a placement group takes.</summary>
    public int MembersPerGroup { get; init; } = 5;

    /// <summary>True to refuse as Linode does what exceeds 20 creates in 15 s or 200 pages in a minute.</summary>
    public bool EnforceRateLimits { get; init; }

    /// <summary>How long an instance is <c>provisioning</c>.</summary>
    public TimeSpan ProvisioningTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it is then <c>booting</c>.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it is <c>deleting</c> before it is gone.</summary>
    public TimeSpan DeleteTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Called for every instance made; what it returns is the instance's public address. Without it, or when it returns null,
    /// the address is one no one answers at.</summary>
    public Func<LinodeFakeInstance, CancellationToken, Task<string?>>? OnCreate { get; init; }

    /// <summary>Called for every instance whose deletion was accepted.</summary>
    public Func<LinodeFakeInstance, CancellationToken, Task>? OnDelete { get; init; }
}
