namespace FjBellows.Forgejo;

/// <summary>Compares where Forgejo says that it is (ROOT_URL) with where runners are configured to find it (forgejo.url).</summary>
internal static class RootUrlFinding
{
    /// <param name="url">forgejo.url.</param>
    /// <param name="root">ROOT_URL.</param>
    public static ForgejoFinding Of(Uri url, Uri root)
    {
        var place = $"{root.IdnHost}:{root.Port}";
        return string.Equals(place, $"{url.IdnHost}:{url.Port}", StringComparison.OrdinalIgnoreCase) && url.Scheme == root.Scheme
            ? new ForgejoFinding(ForgejoGrade.Good, $"Forgejo calls itself {root} too")
            : new ForgejoFinding(
                ForgejoGrade.Warning,
                $"Forgejo calls itself {root} (its ROOT_URL), and forgejo.url is {url}. Jobs that cannot reach {place} fail at " +
                $"artifacts, Git LFS, the container " +
                "registry's login, OIDC tokens and, where DEFAULT_ACTIONS_URL is self, at every 'uses:'. Checkout, the API and caches " +
                "work. " +
                $"Make both the same, or let workers reach {place}.");
    }
}
