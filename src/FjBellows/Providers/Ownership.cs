using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace FjBellows.Providers;

/// <summary>Whose an instance is: the deployment's tag, which people choose, and the owner identity, which is derived from what the
/// deployment serves. Only instances with both are ever touched (invariant O1).</summary>
/// <param name="Tag">The deployment's tag: 3 to 32 of a–z, 0–9 and single hyphens, a letter first.</param>
/// <param name="Owner">The owner identity: <c>fjb-</c> and 16 hexadecimal digits.</param>
public sealed partial record Ownership(string Tag, string Owner)
{
    /// <summary>The ownership of one pool.</summary>
    /// <param name="forgejoUrl">Forgejo's URL; a trailing slash and the case of the host do not matter.</param>
    /// <param name="scope">The scope: admin, user, orgs/name or repos/owner/name.</param>
    /// <param name="tag">The deployment's tag.</param>
    /// <param name="pool">The pool's name.</param>
    /// <exception cref="FormatException">The tag is not of the portable form.</exception>
    public static Ownership Of(Uri forgejoUrl, string scope, string tag, string pool)
    {
        ArgumentNullException.ThrowIfNull(forgejoUrl);
        ArgumentNullException.ThrowIfNull(tag);
        if (!IsPortableTag(tag))
        {
            throw new FormatException(
                $"tag '{tag}' is not portable between clouds; use 3 to 32 of a-z, 0-9 and single hyphens, a letter first, no hyphen last");
        }

        var url = forgejoUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', url, scope, tag, pool)));
        return new Ownership(tag, "fjb-" + Convert.ToHexStringLower(digest.AsSpan(0, 8)));
    }

    /// <summary>True when a tag works on every cloud.</summary>
    public static bool IsPortableTag(string tag) => PortableTag().IsMatch(tag);

    /// <summary>True when an instance carries both marks.</summary>
    /// <param name="instance">An instance as listed.</param>
    public bool Owns(Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance.Tags.Contains(Tag, StringComparer.Ordinal) && instance.Tags.Contains(Owner, StringComparer.Ordinal);
    }

    /// <summary>True when an instance carries the tag but another owner's identity, or none: somebody else's.</summary>
    /// <param name="instance">An instance as listed.</param>
    public bool IsForeign(Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance.Tags.Contains(Tag, StringComparer.Ordinal) && !instance.Tags.Contains(Owner, StringComparer.Ordinal);
    }

    [GeneratedRegex("^[a-z](?:[a-z0-9]|-(?!-)){1,30}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex PortableTag();
}
