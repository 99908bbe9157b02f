namespace FjBellows.Providers.Rest;

/// <summary>Collects what is wrong with a provider's settings as they stand, without asking the cloud.</summary>
public sealed class SettingChecks
{
    private readonly List<SettingProblem> _problems = [];

    /// <summary>What is wrong, in the order in which it was found.</summary>
    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>Throws where something is wrong: a provider cannot be made from such settings.</summary>
    /// <param name="problems">What is wrong.</param>
    /// <exception cref="ArgumentException">Something is.</exception>
    public static void Demand(IReadOnlyList<SettingProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", problems), nameof(problems));
        }
    }

    /// <summary>Something is wrong with a key where a condition holds.</summary>
    /// <param name="key">The key's path within the block.</param>
    /// <param name="message">What is wrong with it and, after a semicolon, what to do.</param>
    public void If(bool condition, string key, string message)
    {
        if (condition)
        {
            _problems.Add(new(key, message));
        }
    }

    /// <summary>A text must be there.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="advice">What to write.</param>
    public void Text(string key, string value, string advice) => If(string.IsNullOrWhiteSpace(value), key, $"is empty; {advice}");

    /// <summary>What every account needs: a token, a URL that it is safe to send the token to, and time for an answer.</summary>
    /// <param name="token">Key <c>token</c>.</param>
    /// <param name="url">Key <c>api_url</c>.</param>
    /// <param name="timeout">Key <c>request_timeout</c>.</param>
    public void Account(Secret token, Uri url, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(url);
        If(token.IsEmpty, "token", "is empty; write ${NAME} or file:PATH");
        If(!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback), "api_url",
            $"'{url}' must be an absolute https URL; the token travels to it");
        If(timeout <= TimeSpan.Zero, "request_timeout", "must be longer than 0");
    }

    /// <summary>An id must be a positive number where there is one.</summary>
    /// <param name="value">Its value.</param>
    public void Id(string key, long? value) => If(value <= 0, key, $"{value} is no id; leave the key out to have none");

    /// <summary>Something that is kept for the pool and something of the operator's own exclude each other.</summary>
    /// <param name="key">The key of what is kept.</param>
    /// <param name="has">True where it is there.</param>
    /// <param name="other">The key of the operator's own.</param>
    /// <param name="hasOther">True where it is there.</param>
    public void Exclusive(string key, bool has, string other, bool hasOther) =>
        If(has && hasOther, key, $"and {other} exclude each other; keep {other} for one of your own, {key} for one that is made for you");

    /// <summary>A list of where traffic comes from must say somebody, in words and networks that exist.</summary>
    /// <param name="sources">Its values.</param>
    /// <param name="otherwise">What follows from an empty list and, after a semicolon, what to do.</param>
    public void Sources(string key, IReadOnlyList<string> sources, string otherwise)
    {
        ArgumentNullException.ThrowIfNull(sources);
        If(sources.Count == 0, key, $"is empty, {otherwise}");
        for (var i = 0; i < sources.Count; i++)
        {
            If(!FirewallSource.IsValid(sources[i]), $"{key}[{i}]",
                $"'{sources[i]}' is no network; write one such as 203.0.113.0/24, or auto, any, any-v4, any-v6");
        }
    }

    /// <summary>A firewall's own keys, beside its rules.</summary>
    /// <param name="refresh">Key <c>firewall.refresh_interval</c>.</param>
    /// <param name="followsHost">True where a source is <c>auto</c>.</param>
    /// <param name="services">Key <c>firewall.address_services</c>.</param>
    public void Firewall(TimeSpan refresh, bool followsHost, IReadOnlyList<Uri> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        If(refresh < TimeSpan.FromMinutes(1), "firewall.refresh_interval", "is shorter than 1m; write 1m or more");
        If(followsHost && services.Count == 0, "firewall.address_services", "is empty; auto needs at least one");
    }
}
