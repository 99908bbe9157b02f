namespace FjBellows.Providers.Template;

/// <summary>What an operator says about this cloud. The provider's module in the daemon reads it from <c>provider_config</c>.</summary>
public sealed record TemplateSettings
{
    /// <summary>The API's base, ending in a slash.</summary>
    public required Uri Url { get; init; }

    /// <summary>The access token.</summary>
    public required Secret Token { get; init; }

    /// <summary>Where workers are created.</summary>
    public required string Region { get; init; }

    /// <summary>The plan.</summary>
    public required string Type { get; init; }

    /// <summary>What workers boot. It must know cloud-init.</summary>
    public required string Image { get; init; }

    /// <summary>How long one request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
