namespace FjBellows.Forgejo;

/// <summary>Compares where Forgejo says that it is (ROOT_URL) with where runners are told to find it (forgejo.url).</summary>
internal static class RootUrlFinding
{
    /// <param name="url">forgejo.url.</param>
    /// <param name="root">ROOT_URL.</param>
    /// <param name="alsoHosts">What workers are given a way to besides, as <c>host:port</c>.</param>
    public static ForgejoFinding Of(Uri url, Uri root, IReadOnlyList<string> alsoHosts)
    {
        var place = $"{root.IdnHost}:{root.Port}";
        if (string.Equals(place, $"{url.IdnHost}:{url.Port}", StringComparison.OrdinalIgnoreCase) && url.Scheme == root.Scheme)
        {
            return new ForgejoFinding(ForgejoGrade.Good, $"Forgejo calls itself {root} too");
        }

        return alsoHosts.Contains(place, StringComparer.OrdinalIgnoreCase)
            ? new ForgejoFinding(ForgejoGrade.Good, $"Forgejo calls itself {root}, and forgejo.also_hosts names {place}")
            : new ForgejoFinding(
                ForgejoGrade.Warning,
                $"Forgejo calls itself {root} (its ROOT_URL), and forgejo.url is {url}. Jobs that cannot reach {place} fail at artifacts, Git LFS, the container " +
                $"registry's login, OIDC tokens and, where DEFAULT_ACTIONS_URL is self, at every 'uses:'. Checkout, the API and caches work. " +
                $"Make both the same, or let workers reach {place}.");
    }
}
