using System.Globalization;
using System.Text;

namespace FjBellows.Providers.Rest;

/// <summary>What every provider asks before it calls for one instance.</summary>
public static class RestInstances
{
    /// <summary>The path of an instance where ids are numbers.</summary>
    /// <param name="collection">The path of the collection.</param>
    /// <param name="noun">What the vendor calls an instance.</param>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.InvalidConfig"/>: it is no number.</exception>
    public static string PathOf(string collection, InstanceId id, string noun) =>
        long.TryParse(id.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? $"{collection}/{number}"
            : throw new CloudException(CloudErrorKind.InvalidConfig, $"'{id}' is not the id of a {noun}");

    /// <summary>An id must still name what it named before: somebody may have renamed it, and some clouds use ids again.</summary>
    /// <param name="noun">What the vendor calls an instance.</param>
    /// <param name="named">The name that the cloud gives.</param>
    /// <param name="name">The name that is expected.</param>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.Conflict"/>: the names differ.</exception>
    public static void DemandName(string noun, long id, string named, string name)
    {
        if (!string.Equals(named, name, StringComparison.Ordinal))
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"{noun} {id} is named {named} and not {name}: it was renamed, so it is left alone; rename it back, or delete it yourself");
        }
    }

    /// <summary>The first-boot document; null where there is none.</summary>
    /// <param name="spec">What is created.</param>
    /// <param name="vendor">The vendor's name.</param>
    /// <param name="limit">The largest document that it takes, in bytes.</param>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.InvalidConfig"/>: it is larger.</exception>
    public static string? UserDataOf(InstanceSpec spec, string vendor, int limit)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var text = spec.UserData.Reveal();
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes <= limit
            ? text.Length == 0 ? null : text
            : throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"the first-boot document of {spec.Name} has {bytes} bytes, but {vendor} takes {limit}; shorten what worker.run " +
                $"adds to it");
    }
}
